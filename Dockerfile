# The workflow and the lock's packages in an image.
#
#   docker build -t basewise .
#   docker build -t basewise:gpu --build-arg GPU=1 .
#   docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" basewise snakemake \
#       --snakefile /opt/basewise/Snakefile --cores all
#
# The mounted folder holds config/ and takes results/; any user may run the image.
#
# With `--gpus all` after `run`, basewise:gpu sees the machine's cards. There is no ENTRYPOINT: AWS Batch
# and Kubernetes start commands of their own.
FROM python:3.11-slim-bookworm

ARG GPU=0
COPY envs/requirements.txt envs/requirements-gpu.txt /opt/basewise/envs/
RUN pip install --no-cache-dir --require-hashes -r /opt/basewise/envs/requirements.txt \
    && if [ "$GPU" = 1 ]; then \
        pip install --no-cache-dir --require-hashes -r /opt/basewise/envs/requirements-gpu.txt; \
    fi
COPY Snakefile /opt/basewise/
COPY config /opt/basewise/config/
COPY envs /opt/basewise/envs/
COPY profiles /opt/basewise/profiles/
COPY scripts /opt/basewise/scripts/
COPY workflow /opt/basewise/workflow/

# Snakemake keeps its cache under HOME and asks who runs it; -u may name a user that is not known here.
ENV HOME=/tmp USER=basewise
RUN useradd --uid 1000 basewise
USER basewise
WORKDIR /work
CMD ["snakemake", "--snakefile", "/opt/basewise/Snakefile", "--cores", "all"]

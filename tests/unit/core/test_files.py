"""Files as people have them: their line ends, encodings and compression."""

import bz2
import gzip
import io
import lzma
import resource
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basewise.core import files, unpacking
from basewise.core.errors import InputError
from basewise.core.files import lines_of, read_lines, read_text, reading
from basewise.core.user_tables import read_delimited

TEXT = "id,label\na,1\nb,\u00e9\n"


def zipped(content, *names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.anything"])
@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress, None])
def test_what_is_compressed_is_told_by_its_content(tmp_path, name, packed):
    path = tmp_path / name
    path.write_bytes((packed or bytes)(TEXT.encode()))
    if packed is None and name.endswith(".gz"):
        with pytest.raises(InputError, match=r"is named \.gz but is not a gzip file"):
            read_text(path)
    else:
        assert read_text(path) == TEXT


def test_a_zip_of_one_file_is_read_and_another_refused(tmp_path):
    path = tmp_path / "t.zip"
    path.write_bytes(zipped(TEXT.encode(), "folder/", "t.csv"))
    assert read_text(path) == TEXT
    path.write_bytes(zipped(b"a", "a", "b"))
    with pytest.raises(InputError, match="is a zip of 2 files; unpack it and name one"):
        read_text(path)


def test_zstd_is_refused_with_the_command_that_unpacks_it(tmp_path):
    path = tmp_path / "t.csv.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00")
    with pytest.raises(InputError, match=r"unpack it with `zstd -d .*t\.csv\.zst`"):
        read_text(path)


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_archives_are_one_line(tmp_path, packed, damage):
    path = tmp_path / "t.csv"
    content = bytearray(packed(TEXT.encode() * 50))
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(InputError, match="(cut short|damaged); (rename|fetch)"):
        read_text(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_with_a_mark_are_read(tmp_path, encoding):
    path = tmp_path / "t.csv"
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    path.write_bytes(mark + TEXT.encode(encoding))
    assert read_text(path) == TEXT
    with reading(path) as stream:
        assert list(lines_of(stream, path)) == TEXT.encode().split(b"\n")[:-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            TEXT.encode("cp1252"),
            r"t\.csv:3: byte 0xe9 is no UTF-8 \('\u00e9' in Windows-1252\?\); save",
        ),
        (TEXT.encode("utf-16-le"), r"t\.csv:1: holds a NUL byte; is it text\?"),
        (b"a\r\nb\rc\0", r"t\.csv:3: holds a NUL byte"),
        ("\ufeffa\nb\0".encode("utf-16-le"), r"t\.csv:2: holds a NUL byte"),
    ],
)
def test_what_is_no_utf8_is_told_with_its_line(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_text(path)
    with pytest.raises(InputError, match=message), reading(path) as stream:
        list(lines_of(stream, path))


@given(
    st.lists(st.sampled_from(["", "a", "bc", "\u00e9"]), min_size=1, max_size=8),
    st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=8, max_size=8),
    st.integers(1, 9),
)
def test_lines_end_in_any_way_and_in_any_mixture(words, ends, size):
    """As Python's universal newlines cut them, whatever the size of a block."""
    text = "".join(word + end for word, end in zip(words, ends, strict=False))
    expected = io.StringIO(text, newline=None).read().split("\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BUFFER", size)
        lines = [line.decode() for line in lines_of(io.BytesIO(text.encode()), "t")]
    while expected and not expected[-1]:
        expected.pop()
    while lines and not lines[-1]:
        lines.pop()
    assert lines == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_table_whatever_its_line_ends(tmp_path, end):
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.replace("\n", end).encode())
    table = read_delimited(path)
    assert table["label"].tolist() == ["1", "\u00e9"]
    assert table.index.tolist() == [2, 3]
    assert read_lines(path) == ["id,label", "a,1", "b,\u00e9"]


def bomb(size):
    """A zip of so many zeros, packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(size))
    return stream.getvalue()


PACKED = {
    "gzip": lambda size: gzip.compress(bytes(size)),
    "bzip2": lambda size: bz2.compress(bytes(size), 1),
    "xz": lambda size: lzma.compress(bytes(size), preset=0),
    "zip": bomb,
}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("way", [read_text, lambda path: list(reading_lines(path))])
def test_a_small_file_that_holds_very_much_is_refused(tmp_path, monkeypatch, packed, way):
    """As a gzip of 1 MB that holds 1 GB, twenty times smaller."""
    monkeypatch.setattr(unpacking, "ALWAYS", 10_000_000)
    path = tmp_path / "t.csv"
    path.write_bytes(PACKED[packed](50_000_000))
    assert path.stat().st_size < 1_000_000
    read = []
    unpacked = unpacking._Counted.readinto

    def counted(self, buffer):
        read.append(unpacked(self, buffer))
        return read[-1]

    monkeypatch.setattr(unpacking._Counted, "readinto", counted)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"t.csv: has [\d,]+ bytes and unpacks to more than"):
            way(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    most = max(10_000_000, 300 * path.stat().st_size)
    assert sum(read) <= most
    assert peak < 3 * most


def reading_lines(path):
    with reading(path) as stream:
        yield from stream


@pytest.mark.parametrize("packed", PACKED)
def test_what_is_packed_well_is_read(tmp_path, packed):
    """Genotypes of which nearly all are 0 are so."""
    path = tmp_path / "t.csv"
    path.write_bytes(PACKED[packed](20_000_000))
    with reading(path) as stream:
        assert len(stream.read(7)) == 7
        assert len(stream.read()) == 20_000_000 - 7


@pytest.mark.parametrize("announced", [0, 1, 2**31, 2**32 - 2])
@pytest.mark.parametrize("place", ["both", "local", "central"])
def test_sizes_that_a_zip_announces_are_not_believed(tmp_path, announced, place):
    content = bytearray(zipped(TEXT.encode() * 100, "t.csv"))
    central = content.index(b"PK\1\2")
    for name, at in {"local": 22, "central": central + 24}.items():
        if place in (name, "both"):
            content[at : at + 4] = announced.to_bytes(4, "little")
    path = tmp_path / "t.zip"
    path.write_bytes(content)
    if place == "local" or announced > 100 * len(TEXT):
        assert read_text(path) == TEXT * 100
    else:
        with pytest.raises(InputError, match="t.zip: the zip file is (damaged|cut short); fetch"):
            read_text(path)


def test_a_zip_of_an_unknown_method_is_one_line(tmp_path):
    content = bytearray(zipped(TEXT.encode(), "t.csv"))
    for at in (8, content.index(b"PK\1\2") + 10):
        content[at] = 97
    path = tmp_path / "t.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match="t.zip: is packed in a way that is not read .*unpack it"):
        read_text(path)


def test_a_dictionary_that_an_xz_announces_takes_no_memory(tmp_path):
    """The byte for 4 GB stands in the header of the block, before its checksum."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
    content = bytearray(lzma.compress(TEXT.encode(), format=lzma.FORMAT_XZ, filters=filters))
    end = 12 + 4 * (content[12] + 1)
    content[16] = 40
    content[end - 4 : end] = zlib.crc32(content[12 : end - 4]).to_bytes(4, "little")
    path = tmp_path / "t.xz"
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_text(path) == TEXT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000

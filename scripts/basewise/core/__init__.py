"""What every other package stands on: errors, files, logs, seeds, tables of users, words."""

#!/bin/sh
set -eu
pg_dump --format=custom --file=backup.dump "$DATABASE"

#!/bin/sh
set -eu
pg_restore --clean --dbname="$DATABASE" backup.dump

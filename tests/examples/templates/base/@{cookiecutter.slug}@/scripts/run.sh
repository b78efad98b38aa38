#!/bin/sh
exec python -m @{ cookiecutter.package }@

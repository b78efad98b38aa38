NAME = "@{ cookiecutter.slug }@"

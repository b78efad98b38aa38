"""@{ cookiecutter.description }@."""
@# a remark of the template, which is not rendered #@

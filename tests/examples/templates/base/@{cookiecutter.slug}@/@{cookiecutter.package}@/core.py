import uvicorn

from @{ cookiecutter.package }@ import __doc__ as about

print(uvicorn, about)

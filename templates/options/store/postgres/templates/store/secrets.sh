python3 -c 'import secrets; print(secrets.token_urlsafe(24), end="")' > secrets/postgres_password
printf 'postgresql://agent:%s@postgres:5432/agent' "$(cat secrets/postgres_password)" > secrets/store_url

password=$(python3 -c 'import secrets; print(secrets.token_urlsafe(24))')
printf 'user default off\nuser agent on >%s ~* +@all -@dangerous\n' "$password" > secrets/redis_acl
printf 'redis://agent:%s@redis:6379/0' "$password" > secrets/cache_url

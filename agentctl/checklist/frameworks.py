"""Frameworks and libraries by the names that code resolves to: one table, a new library is a new word here.

Names are prefixes of dotted names; ``X()`` is an instance. They are looked up in what imports and assignments resolve
to: a word in a text, or a dependency that nothing uses, does not count.
"""

from __future__ import annotations

from functools import cache

# Web applications and routers. The methods named in ROUTE_METHODS on these add a route.
WEB_APPS = (
    "fastapi.FastAPI", "starlette.applications.Starlette", "flask.Flask", "quart.Quart", "sanic.Sanic",
    "litestar.Litestar", "aiohttp.web.Application", "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application", "tornado.web.Application", "falcon.App", "falcon.asgi.App",
    "bottle.Bottle", "robyn.Robyn", "blacksheep.Application",
)  # fmt: skip
APPS = (*WEB_APPS, "http.server.HTTPServer", "http.server.ThreadingHTTPServer")
ROUTERS = (
    "fastapi.APIRouter", "fastapi.routing.APIRouter", "starlette.routing.Router", "flask.Blueprint",
    "quart.Blueprint", "sanic.Blueprint", "aiohttp.web.RouteTableDef", "litestar.Router",
    "fastmcp.FastMCP", "fastmcp.server.FastMCP", "mcp.server.fastmcp.FastMCP", "mcp.server.FastMCP",
    "mcp.server.fastmcp.server.FastMCP",
)  # fmt: skip
ROUTE_METHODS = (
    "get", "post", "put", "patch", "delete", "route", "api_route", "custom_route", "websocket", "head", "options",
)  # fmt: skip
ROUTE_CALLS = (
    "add_api_route", "add_route", "add_url_rule", "add_get", "add_post", "add_put", "add_patch", "add_delete",
    "add_api_websocket_route", "add_websocket_route",
)  # fmt: skip
ROUTE_OBJECTS = (
    "starlette.routing.Route", "starlette.routing.WebSocketRoute", "fastapi.routing.APIRoute", "django.urls.path",
    "django.urls.re_path", "aiohttp.web.get", "aiohttp.web.post", "aiohttp.web.put", "aiohttp.web.delete",
    "litestar.get", "litestar.post", "litestar.put", "litestar.patch", "litestar.delete", "litestar.handlers.get",
    "litestar.handlers.post",
)  # fmt: skip
# What offers the tools of a server (MCP) over HTTP.
TOOL_TRANSPORTS = ("mcp.server.streamable_http", "mcp.server.streamable_http_manager", "mcp.server.sse")
# Interactive surfaces that a process of its own serves, without routes in the code.
TOOL_SERVERS = (
    "fastmcp.FastMCP", "fastmcp.server.FastMCP", "fastmcp.server.server.FastMCP", "mcp.server.fastmcp.FastMCP",
    "mcp.server.FastMCP", "mcp.server.MCPServer", "mcp.server.mcpserver.MCPServer", "mcp.server.fastmcp.server.FastMCP",
)  # fmt: skip
# How a function becomes a tool that is added to such a server.
TOOLS_OF_FUNCTIONS = tuple(
    f"{module}.{kind}.from_function"
    for module in ("fastmcp.tools", "fastmcp.tools.tool", "mcp.server.fastmcp.tools", "mcp.server.fastmcp.tools.base")
    for kind in ("Tool", "FunctionTool")
)
# What tells such a server who asks.
TOOL_SERVER_AUTH = ("fastmcp.server.auth", "mcp.server.auth")
# What offers tools to the program that starts it.
TOOL_SURFACES = (*TOOL_SERVERS, "mcp.server.Server", "mcp.server.lowlevel", "mcp.server.stdio")
SURFACES = ("streamlit", "gradio", "chainlit", "livekit.agents")
# Pages that people ask through a server of the library's own.
PAGES = (
    "streamlit", "gradio", "chainlit", "nicegui", "dash", "reflex", "solara", "mesop", "shiny", "pywebio", "taipy.gui",
)  # fmt: skip
# What works on its own: nobody asks it, and somebody has to see that it lives.
WORKERS = (
    "celery.Celery", "dramatiq.actor", "rq.Worker", "arq.worker", "arq.connections.RedisSettings", "faststream",
    "aiokafka.AIOKafkaConsumer", "kafka.KafkaConsumer", "confluent_kafka.Consumer", "pika", "aio_pika", "nats.connect",
    "temporalio.worker.Worker", "apscheduler.schedulers", "schedule.every", "huey", "taskiq", "procrastinate",
    "prefect.flow",
)  # fmt: skip
# Messengers: whoever writes to the bot is a client.
MESSENGERS = (
    "discord.Client", "discord.Bot", "discord.ext.commands.Bot", "nextcord", "disnake", "telegram.ext.Application",
    "telegram.ext.ApplicationBuilder", "telegram.ext.Updater", "aiogram.Dispatcher", "telebot.TeleBot",
    "telebot.async_telebot", "pyrogram.Client", "telethon.TelegramClient", "slack_bolt.App",
    "slack_bolt.async_app.AsyncApp", "botbuilder.core", "microsoft_agents", "linebot", "nonebot", "itchat", "wechaty",
    "nio.AsyncClient", "mattermostdriver", "zulip.Client",
)  # fmt: skip
# Servers whose routes are not read, and what runs an application that is made elsewhere.
OTHER_SERVERS = (
    "grpc.server", "grpc.aio.server", "websockets.serve", "websockets.server.serve", "websockets.asyncio.server.serve",
    "websockets.sync.server.serve", "socketserver", "socketio.Server", "socketio.AsyncServer", "asyncio.start_server",
    "wsgiref.simple_server", "web.application", "cherrypy", "pyramid.config.Configurator", "connexion", "apiflask",
    "flask_openapi3", "chalice.Chalice", "azure.functions", "functions_framework", "mangum.Mangum",
    "aws_lambda_powertools.event_handler", "modal.fastapi_endpoint", "modal.web_endpoint", "modal.asgi_app",
    "bentoml.service", "bentoml.Service", "ray.serve", "litserve.LitServer", "langserve.add_routes", "a2a.server",
    "dasbus.server", "dbus.service", "dbus_next.service", "dbus_fast.service", "xmlrpc.server", "rpyc.utils.server",
    "zerorpc.Server", "Pyro5.server", "thrift.server", "asyncio.start_unix_server", "tornado.tcpserver.TCPServer",
    "fasta2a", "google.adk.cli.fast_api.get_fast_api_app", "google.adk.a2a.utils.agent_to_a2a.to_a2a",
    "agno.os.AgentOS", "agno.playground", "agno.app", "llama_index.server", "copilotkit", "uvicorn.run",
    "uvicorn.Server", "hypercorn.asyncio.serve", "waitress.serve", "gunicorn.app.base.BaseApplication",
    "granian.Granian", "aiohttp.web.run_app", "aiohttp.web.AppRunner", "socket.socket().listen", "socket.create_server",
    "django.urls.path", "django.urls.re_path", "django.core.management.execute_from_command_line", "bedrock_agentcore",
    "phi.playground",
)  # fmt: skip
CLIS = (
    "typer.Typer", "typer.run", "click.command", "click.group", "argparse.ArgumentParser", "fire.Fire",
    "docopt.docopt",
)  # fmt: skip
AGENTS = (
    "langchain", "langchain_core", "langgraph", "crewai", "autogen", "autogen_agentchat", "agents", "google.adk",
    "pydantic_ai", "llama_index", "semantic_kernel", "dspy", "smolagents", "livekit.agents", "mcp", "openai",
    "anthropic", "litellm", "mistralai", "cohere", "groq", "ollama", "haystack", "agno", "phi", "strands", "camel",
    "agentscope", "letta", "swarms", "browser_use", "pipecat", "langroid", "ag2", "prompty", "instructor", "mirascope",
    "google.genai", "google.generativeai", "vertexai", "together", "replicate", "transformers", "vllm", "llama_cpp",
)  # fmt: skip
# What else runs or asks a model, though nobody would say that an agent is built with it.
MODELS = (
    "txtai", "huggingface_hub", "sentence_transformers", "gpt4all", "ctransformers", "mlx_lm", "sglang", "aisuite",
    "fireworks", "cerebras", "ai21", "zhipuai", "dashscope", "qianfan", "xai_sdk", "g4f", "guidance", "outlines",
    "marvin", "magentic", "beeai_framework", "atomic_agents", "mem0", "graphiti_core", "llmware", "promptflow",
    "azure.ai.inference", "azure.ai.agents", "azure.ai.projects", "griptape", "rasa", "embedchain", "controlflow",
    "langchain_openai", "langchain_anthropic", "langchain_google_genai", "langchain_google_vertexai", "langchain_groq",
    "langchain_ollama", "langchain_aws", "langchain_mistralai", "langchain_cohere", "langchain_huggingface",
    "langchain_deepseek", "langchain_xai", "langchain_fireworks", "langchain_together", "langchain_nvidia_ai_endpoints",
    "langchain_community", "langchain_classic", "langchain_mcp_adapters", "langgraph_supervisor", "langgraph_swarm",
    "deepagents", "any_llm", "any_agent", "claude_agent_sdk", "claude_code_sdk", "autogen_core", "autogen_ext",
    "agent_framework", "bedrock_agentcore", "qwen_agent", "metagpt", "mcp_agent", "fast_agent",
)  # fmt: skip
# A library that no table knows says by such a part of what is imported that it is about agents or models.
AGENT_PARTS = frozenset({
    "agent", "agents", "llm", "llms", "chat_model", "chat_models", "chat_engine", "embedder", "embeddings",
})  # fmt: skip
# Ordinary packages by the names that are imported: whoever imports nothing else runs no model through them.
ORDINARY = frozenset({
    "aiobotocore", "aiocache", "aiofiles", "aiohttp", "aiokafka", "aiomysql", "aioredis", "aiosqlite", "airflow",
    "alembic", "altair", "amqp", "annotated_types", "anyio", "apscheduler", "argcomplete", "arq", "arrow", "asgiref",
    "async_lru", "async_timeout", "asyncpg", "atlassian", "attr", "attrs", "authlib", "azure", "babel", "backoff",
    "bcrypt", "beanie", "beautifulsoup4", "billiard", "bleach", "blinker", "bokeh", "boto3", "botocore", "bottle",
    "brotli", "bs4", "cachetools", "cassandra", "cattrs", "celery", "certifi", "cffi", "chardet", "charset_normalizer",
    "click", "cloudpickle", "colorama", "colorlog", "confluent_kafka", "cryptography", "curl_cffi", "cv2", "dateparser",
    "dateutil", "decouple", "diskcache", "django", "django_filters", "dns", "docker", "docopt", "docutils", "docx",
    "dotenv", "dramatiq", "duckdb", "dulwich", "elasticsearch", "email_validator", "environ", "environs", "faker",
    "falcon", "fastapi", "fastmcp", "feedparser", "filelock", "fire", "flask", "flask_cors", "flask_login",
    "flask_sqlalchemy", "freezegun", "fsspec", "ftfy", "gevent", "git", "github", "gitlab", "google",
    "google_auth_oauthlib", "googleapiclient", "graphene", "graphql", "greenlet", "grpc", "gspread", "gunicorn", "h11",
    "h2", "h5py", "html2text", "httpcore", "httplib2", "httptools", "httpx", "httpx2", "httpx_sse", "humanize", "hvac",
    "idna", "imageio", "importlib_metadata", "importlib_resources", "invoke", "isodate", "itsdangerous", "jinja2",
    "jira", "jmespath", "joblib", "jose", "json5", "jsonpatch", "jsonpath_ng", "jsonschema", "jwt", "kafka", "keyring",
    "kombu", "key_value", "kubernetes", "ldap3", "limits", "linkify_it", "loguru", "lxml", "magic", "mako", "markdown",
    "markdown_it", "markdownify", "markupsafe", "marshmallow", "matplotlib", "mcp", "mdurl", "minio", "mistune",
    "more_itertools", "motor", "msal", "msgpack", "msgspec", "multidict", "mysql", "nats", "neo4j", "networkx", "nh3",
    "nltk", "numpy", "oauthlib", "odf", "openpyxl", "opensearchpy", "opentelemetry", "oracledb", "orjson", "packaging",
    "pandas", "paramiko", "passlib", "pathspec", "pdfminer", "pdfplumber", "peewee", "pendulum", "pexpect",
    "phonenumbers", "pika", "PIL", "pkg_resources", "platformdirs", "playwright", "plotly", "pluggy", "polars",
    "prometheus_client", "prompt_toolkit", "protobuf", "psutil", "psycopg", "psycopg2", "psycopg_pool", "pyarrow",
    "pyasn1", "pycountry", "pydantic", "pydantic_core", "pydantic_settings", "pydub", "pygments", "pymilvus", "pymongo",
    "pymysql", "pynput", "pyotp", "pyparsing", "pypdf", "pyperclip", "pyrate_limiter", "pytesseract",
    "python_multipart", "pythonjsonlogger", "python_socks", "pytz", "pywintypes", "qrcode", "questionary", "quart",
    "rapidfuzz", "rdflib", "redis", "referencing", "regex", "reportlab", "requests", "requests_oauthlib",
    "rest_framework", "rich", "rq", "ruamel", "sanic", "scipy", "scrapy", "selenium", "semver", "sentry_sdk",
    "setuptools", "shapely", "simplejson", "six", "slack_bolt", "slack_sdk", "slowapi", "slugify", "smart_open",
    "sniffio", "socketio", "socks", "sortedcontainers", "soupsieve", "sqlalchemy", "sqlmodel", "sqlparse",
    "sse_starlette", "stamina", "starlette", "stripe", "structlog", "supabase", "sympy", "tabulate", "telegram",
    "telethon", "tenacity", "termcolor", "textual", "tldextract", "toml", "tomli", "tomli_w", "tomlkit", "toolz",
    "tornado", "tqdm", "trafilatura", "trio", "twilio", "typer", "typing_extensions", "typing_inspection", "tzlocal",
    "ujson", "unidecode", "unstructured", "urllib3", "uvicorn", "uvloop", "validators", "waitress", "watchdog",
    "watchfiles", "wcwidth", "websocket", "websockets", "werkzeug", "win32api", "win32com", "wrapt", "wtforms", "xlrd",
    "xlsxwriter", "xmltodict", "yaml", "yarl", "yt_dlp", "zeep", "zmq", "zstandard",
})  # fmt: skip
NO_AGENTS = ("newrelic", "elasticapm", "scout_apm", "azure.devops")  # agents of another kind

# What serves until it is told to stop.
SERVERS = (
    "uvicorn.Server", "uvicorn.run", "hypercorn.asyncio.serve", "hypercorn.run", "aiohttp.web.run_app", "gunicorn",
    "granian.Granian", "waitress.serve", "mcp.server.Server", "mcp.server.lowlevel.Server",
    "mcp.server.lowlevel.server.Server", "mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP", "grpc.aio.server",
    "websockets.serve", "asyncio.start_server",
    "http.server.HTTPServer", "http.server.ThreadingHTTPServer", "socketserver",
)  # fmt: skip

# Clients that leave the process: constructor, and how a timeout is given to it.
CLIENTS = (
    "httpx.Client", "httpx.AsyncClient", "httpx2.Client", "httpx2.AsyncClient", "aiohttp.ClientSession",
    "requests.Session", "urllib3.PoolManager", "openai.OpenAI", "openai.AsyncOpenAI", "openai.AzureOpenAI",
    "openai.AsyncAzureOpenAI", "anthropic.Anthropic", "anthropic.AsyncAnthropic", "groq.Groq", "groq.AsyncGroq",
    "mistralai.Mistral", "cohere.Client", "cohere.AsyncClient", "tavily.TavilyClient", "tavily.AsyncTavilyClient",
    "langchain_openai.ChatOpenAI", "langchain_openai.AzureChatOpenAI", "langchain_anthropic.ChatAnthropic",
    "langchain_google_genai.ChatGoogleGenerativeAI", "langchain_google_vertexai.ChatVertexAI",
    "langchain_groq.ChatGroq", "langchain_ollama.ChatOllama", "langchain_aws.ChatBedrock",
    "langchain_aws.ChatBedrockConverse", "langchain_mcp_adapters.client.MultiServerMCPClient", "redis.Redis",
    "redis.asyncio.Redis", "redis.from_url", "redis.asyncio.from_url", "redis.Redis.from_url",
    "redis.asyncio.Redis.from_url", "asyncpg.connect", "asyncpg.create_pool", "psycopg.connect",
    "psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool", "sqlalchemy.create_engine",
    "sqlalchemy.engine.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine", "sqlmodel.create_engine", "pymongo.MongoClient",
    "motor.motor_asyncio.AsyncIOMotorClient", "boto3.client", "smtplib.SMTP",
)  # fmt: skip
# Libraries that leave the process in ways of their own, beside the clients above.
NETWORKED = (
    "google.genai", "google.generativeai", "google.cloud", "google.adk", "vertexai", "boto3", "qdrant_client",
    "pinecone", "chromadb", "weaviate", "elasticsearch", "opensearchpy", "supabase", "oracledb", "azure",
    "llama_index", "crewai", "dspy", "autogen_ext", "smolagents", "pydantic_ai", "litellm", "langchain_community",
    "paramiko", "grpc", "psycopg2",
    "pymysql", "mysql", "websockets", "twilio", "slack_sdk", "kafka", "aiokafka", "pika", "nats", "github", "gitlab",
    "atlassian", "jira", "serpapi", "semantic_kernel", "ollama", "cassandra", "neo4j", "firecrawl", "exa_py",
    "pymilvus", "voyageai", "zep_cloud", "mem0", "langfuse", "spotipy", "notion_client", "telethon", "stripe",
    "haystack.components.generators", "haystack_integrations",
)  # fmt: skip
# What connects to a store by a function or a method, and what it returns is to be kept.
CONNECTED = (
    "psycopg2.connect", "pymysql.connect", "mysql.connector.connect", "oracledb.connect", "aiomysql.connect",
    "asyncmy.connect", "duckdb.connect", "snowflake.connector.connect", "neo4j.GraphDatabase.driver",
    "neo4j.AsyncGraphDatabase.driver", "psycopg2.pool.SimpleConnectionPool", "psycopg2.pool.ThreadedConnectionPool",
    "aiomysql.create_pool", "oracledb.create_pool", "oracledb.create_pool_async", "supabase.create_client",
    "weaviate.connect_to_local", "weaviate.connect_to_weaviate_cloud", "weaviate.connect_to_custom",
    "weaviate.use_async_with_local", "weaviate.use_async_with_weaviate_cloud", "weaviate.use_async_with_custom",
)  # fmt: skip
# Calls that leave the process on their own, without a client that is kept.
BARE_CALLS = (
    *(
        f"{library}.{method}"
        for library in ("requests", "httpx", "httpx2")
        for method in ("get", "post", "put", "patch", "delete", "head", "request")
    ),
    "urllib.request.urlopen", "litellm.completion", "litellm.acompletion", "aiohttp.request",
)  # fmt: skip
# Calls of a library that keeps its connections by itself.
POOLED_CALLS = ("litellm.completion", "litellm.acompletion")
# Sessions and services that are looked at where no other client is known.
SESSIONS = (
    "mcp.ClientSession", "mcp.client.session.ClientSession", "mcp.client.stdio.stdio_client", "mcp.stdio_client",
    "mcp.client.sse.sse_client", "mcp.client.streamable_http.streamablehttp_client", "fastmcp.Client",
    "fastmcp.client.Client", "mcp_use.MCPClient", "langchain.chat_models.init_chat_model",
    "langchain.chat_models.base.init_chat_model", "googleapiclient.discovery.build",
    "clickhouse_connect.get_client", "clickhouse_connect.get_async_client",
)  # fmt: skip
# Methods of a client at which a timeout may be given too.
SEND_METHODS = (
    "get", "post", "put", "patch", "delete", "head", "request", "send", "create", "stream", "invoke", "ainvoke",
    "execute",
)  # fmt: skip
TIMEOUT_WORDS = (
    "timeout", "request_timeout", "timeout_ms", "connect_timeout", "socket_timeout", "pool_timeout", "connect_args",
    "http_client", "config", "connection_pool", "transport",
)  # fmt: skip
TIMEOUT_BLOCKS = (
    "asyncio.wait_for", "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "anyio.fail_after",
    "anyio.move_on_after",
)  # fmt: skip
# Packages that are known to stay within the process: without any other import nothing can leave it.
LOCAL_PACKAGES = (
    "fastapi", "starlette", "uvicorn", "pydantic", "pydantic_core", "pydantic_settings", "structlog",
    "prometheus_client", "jwt", "yaml", "limits", "cachetools", "typing_extensions", "anyio", "click", "typer",
    "rich", "jinja2", "orjson", "nh3", "tenacity", "stamina", "psutil", "cryptography", "dotenv", "numpy",
    "annotated_types",
)  # fmt: skip

CONSTANT_WAITS = ("tenacity.wait_fixed()", "tenacity.wait_none()", "tenacity.wait.wait_fixed()", "backoff.constant")
RETRIES = (
    "tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying", "tenacity.retry_async", "stamina.retry",
    "stamina.retry_context", "stamina.RetryingCaller", "stamina.AsyncRetryingCaller", "backoff.on_exception",
    "backoff.on_predicate", "urllib3.util.retry.Retry", "urllib3.util.Retry", "urllib3.Retry", "retrying.retry",
    "hishel.retry", "aiohttp_retry.RetryClient", "httpx_retries.RetryTransport",
    "pydantic_ai.retries.AsyncTenacityTransport", "pydantic_ai.retries.TenacityTransport", "reretry.retry",
    "retry.retry", "retry.api.retry", "google.api_core.retry.Retry", "google.api_core.retry_async.AsyncRetry",
    "google.api_core.retry.AsyncRetry", "langgraph.types.RetryPolicy", "langgraph.pregel.RetryPolicy",
    "langgraph.pregel.types.RetryPolicy", "temporalio.common.RetryPolicy", "google.genai.types.HttpRetryOptions",
    "langchain.agents.middleware.ModelRetryMiddleware", "langchain.agents.middleware.ToolRetryMiddleware",
)  # fmt: skip
# Clients of models that wait longer each time, where they are told how often to try.
PATIENT_CLIENTS = (
    "openai.OpenAI", "openai.AsyncOpenAI", "openai.AzureOpenAI", "openai.AsyncAzureOpenAI", "anthropic.Anthropic",
    "anthropic.AsyncAnthropic", "groq.Groq", "groq.AsyncGroq", "langchain_openai.ChatOpenAI",
    "langchain_openai.AzureChatOpenAI", "langchain_anthropic.ChatAnthropic", "langchain_groq.ChatGroq",
    "langchain_google_genai.ChatGoogleGenerativeAI", "langchain_google_vertexai.ChatVertexAI",
)  # fmt: skip
BREAKERS = (
    "pybreaker.CircuitBreaker", "aiobreaker.CircuitBreaker", "circuitbreaker.circuit",
    "circuitbreaker.CircuitBreaker", "purgatory.AsyncCircuitBreakerFactory", "purgatory.SyncCircuitBreakerFactory",
    "hyx.circuitbreaker",
)  # fmt: skip
FALLBACKS = (
    "pydantic_ai.models.fallback.FallbackModel", "langchain.agents.middleware.ModelFallbackMiddleware",
    "langchain_core.runnables.RunnableWithFallbacks", "langchain_core.runnables.fallbacks",
)  # fmt: skip
CACHES = (
    "cachetools.TTLCache", "cashews.cache", "cashews.Cache", "aiocache.cached", "aiocache.Cache",
    "aiocache.SimpleMemoryCache", "diskcache.Cache", "fastapi_cache.decorator.cache", "flask_caching.Cache",
    "django.core.cache.cache", "async_lru.alru_cache", "langchain_core.globals.set_llm_cache",
    "langchain.globals.set_llm_cache", "hishel.AsyncCacheClient", "hishel.CacheClient",
)  # fmt: skip
# What keeps results until something pushes them out, unless it is told for how long.
RESULT_CACHES = (
    "streamlit.cache_data", "streamlit.cache", "streamlit.experimental_memo", "joblib.Memory", "cachetools.LRUCache",
    "cachetools.LFUCache", "cachetools.func.lru_cache", "requests_cache.CachedSession", "requests_cache.install_cache",
    "gptcache.Cache", "gptcache.cache", "chainlit.cache", "langchain.embeddings.CacheBackedEmbeddings.from_bytes_store",
    "langchain_classic.embeddings.CacheBackedEmbeddings.from_bytes_store",
    "llama_index.core.ingestion.IngestionCache",
)  # fmt: skip

LIMITERS = (
    "slowapi.Limiter().limit", "slowapi.Limiter().shared_limit", "slowapi.middleware.SlowAPIMiddleware",
    "slowapi.middleware.SlowAPIASGIMiddleware", "fastapi_limiter.depends.RateLimiter", "flask_limiter.Limiter",
    "django_ratelimit.decorators.ratelimit", "ratelimit.decorators.ratelimit", "rest_framework.throttling",
    "quart_rate_limiter", "sanic_limiter", "litestar.middleware.rate_limit", "asgi_ratelimit.RateLimitMiddleware",
    "pyrate_limiter.extras.fastapi", "discord.ext.commands.cooldown", "discord.app_commands.checks.cooldown",
    "nextcord.ext.commands.cooldown", "disnake.ext.commands.cooldown", "flask_limiter.Limiter().limit",
    "ninja.throttling", "starlette_limiter", "fastapi_throttle", "aiohttp_ratelimiter",
)  # fmt: skip
LIMITER_ENGINES = (
    "limits.strategies", "limits.aio.strategies", "pyrate_limiter.Limiter", "throttled.Throttled",
    "aiolimiter.AsyncLimiter", "token_bucket.Limiter",
)  # fmt: skip

AUTHENTICATION = (
    "fastapi.security", "jwt.decode", "jose.jwt.decode", "authlib", "fastapi_users", "flask_login.login_required",
    "flask_jwt_extended", "django.contrib.auth.decorators", "rest_framework.permissions", "starlette.authentication",
    "starlette.middleware.authentication", "langgraph_sdk.Auth().authenticate", "hmac.compare_digest",
    "secrets.compare_digest", "firebase_admin.auth.verify_id_token", "fastapi_azure_auth",
    "google.oauth2.id_token.verify_oauth2_token", "flask_httpauth", "flask_security", "quart_auth", "jose.jws.verify",
    "joserfc.jwt.decode", "itsdangerous.URLSafeTimedSerializer().loads", "fastapi_clerk_auth", "propelauth_fastapi",
    "supertokens_python", "django.contrib.auth.mixins", "rest_framework.authentication", "rest_framework_simplejwt",
    "ninja.security", "oauth2_provider", "supabase.create_client().auth.get_user", "sanic_jwt", "aiohttp_security",
    "firebase_admin.auth.verify_session_cookie", "clerk_backend_api", "fastapi_auth0", "jwt.PyJWKClient",
    "fastapi_login", "fastapi_sso", "litestar.security", "flask_login.current_user",
)  # fmt: skip

# How pages of PAGES ask who somebody is.
# What lets a messenger's bot answer some only.
CHOSEN_USERS = (
    "telegram.ext.filters.User", "telegram.ext.filters.Chat", "telegram.ext.Filters.user",
    "discord.ext.commands.is_owner", "discord.ext.commands.has_role", "discord.ext.commands.has_any_role",
    "discord.ext.commands.has_permissions", "discord.app_commands.checks.has_permissions",
    "discord.app_commands.checks.has_role", "telebot.custom_filters", "pyrogram.filters.user",
)  # fmt: skip
PAGE_LOGINS = (
    "streamlit.login", "streamlit.experimental_user", "streamlit.user", "streamlit_authenticator",
    "chainlit.password_auth_callback", "chainlit.oauth_callback", "chainlit.header_auth_callback", "dash_auth",
    "streamlit_oauth", "streamlit_google_auth",
)  # fmt: skip

JSON_LOGS = (
    "structlog.processors.JSONRenderer", "pythonjsonlogger", "json_log_formatter", "ecs_logging",
    "google.cloud.logging", "logging_json", "json_logging", "jsonformatter", "logfire.configure",
    "aws_lambda_powertools.Logger", "opentelemetry.sdk._logs.LoggingHandler",
)  # fmt: skip
CORRELATION = (
    "structlog.contextvars.bind_contextvars", "structlog.contextvars.bound_contextvars", "asgi_correlation_id",
    "starlette_context.plugins", "flask_log_request_id", "django_guid", "loguru.logger.contextualize",
    "structlog.threadlocal.bind_threadlocal",
)  # fmt: skip

METRICS = (
    "prometheus_client.Counter", "prometheus_client.Histogram", "prometheus_client.Summary",
    "prometheus_client.Gauge", "prometheus_client.Info", "prometheus_client.Enum", "prometheus_client.metrics",
)  # fmt: skip
# How a meter of OpenTelemetry makes an instrument.
INSTRUMENTS = (
    "create_counter", "create_histogram", "create_gauge", "create_up_down_counter", "create_observable_gauge",
    "create_observable_counter",
)  # fmt: skip
# What the libraries of METRICS_ALL_IN_ONE call what they measure.
INSTRUMENTED = (
    "http_requests", "http_request_duration_seconds", "http_request_duration_highr_seconds", "http_request_size_bytes",
    "http_response_size_bytes", "starlette_requests", "flask_http_request", "django_http_requests_total_by_method",
)  # fmt: skip
METRIC_VERBS = (
    "inc", "observe", "set", "dec", "time", "labels", "add", "record", "track_inprogress", "set_function", "state",
)  # fmt: skip
METRICS_EXPOSED = (
    "prometheus_client.generate_latest", "prometheus_client.make_asgi_app", "prometheus_client.make_wsgi_app",
    "prometheus_client.start_http_server", "prometheus_client.exposition", "starlette_prometheus.metrics",
    "prometheus_client.push_to_gateway", "prometheus_client.openmetrics.exposition.generate_latest",
    "prometheus_fastapi_instrumentator.Instrumentator().instrument().expose", "starlette_exporter.handle_metrics",
    "prometheus_fastapi_instrumentator.Instrumentator().expose", "prometheus_flask_exporter.PrometheusMetrics",
    "opentelemetry.sdk.metrics.export.PeriodicExportingMetricReader", "opentelemetry.exporter.prometheus",
    "prometheus_client.multiprocess", "django_prometheus",
)  # fmt: skip
METRICS_ALL_IN_ONE = (
    "prometheus_fastapi_instrumentator.Instrumentator", "prometheus_flask_exporter.PrometheusMetrics",
    "starlette_exporter.PrometheusMiddleware", "starlette_prometheus.PrometheusMiddleware", "django_prometheus",
    "statsd.StatsClient", "datadog.statsd", "datadog.DogStatsd",
)  # fmt: skip
# What sends measurements somewhere as soon as they are recorded.
METRICS_PUSHED = (
    "statsd", "datadog", "datadog_lambda", "aws_lambda_powertools.Metrics", "aws_lambda_powertools.metrics",
    "aws_embedded_metrics", "google.cloud.monitoring_v3", "boto3.client().put_metric_data", "influxdb_client",
    "applicationinsights", "newrelic.agent.record_custom_metric",
)  # fmt: skip
# Telemetry as a whole: exports what its own instruments see, whether or not the code records anything.
TELEMETRY = (
    "azure.monitor.opentelemetry.configure_azure_monitor", "logfire.configure", "sentry_sdk.init",
    "newrelic.agent.initialize", "elasticapm", "ddtrace", "scout_apm",
)  # fmt: skip

TRACERS = (
    "opentelemetry.sdk.trace.TracerProvider", "ddtrace", "logfire.configure", "langfuse.langchain.CallbackHandler",
    "langfuse.callback.CallbackHandler", "langfuse.observe", "langfuse.decorators.observe", "langsmith.traceable",
    "phoenix.otel.register", "elasticapm", "azure.monitor.opentelemetry.configure_azure_monitor",
    "traceloop.sdk.Traceloop.init", "openinference", "weave.init", "agentops.init", "mlflow.autolog",
    "arize.otel.register", "opik.track", "opik.configure", "openlit.init", "langtrace_python_sdk.langtrace.init",
    "lunary.monitor", "aws_xray_sdk.core.xray_recorder", "aws_lambda_powertools.Tracer", "newrelic.agent.initialize",
    "langchain_core.tracers.LangChainTracer", "langfuse.openai", "langfuse.get_client", "langfuse.Langfuse",
    "promptflow.tracing.start_trace", "agents.set_trace_processors", "agents.add_trace_processor", "mlflow.trace",
)  # fmt: skip
TRACE_EXPORT = (
    "opentelemetry.exporter", "opentelemetry.sdk.trace.export.BatchSpanProcessor",
    "opentelemetry.sdk.trace.export.SimpleSpanProcessor",
)  # fmt: skip
SPANS = (
    "opentelemetry.trace.get_tracer", "opentelemetry.instrumentation",
)  # fmt: skip

SETTINGS = (
    "pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings", "dynaconf.Dynaconf",
    "dynaconf.LazySettings", "environ.Env", "environs.Env", "decouple.config", "hydra.main",
    "starlette.config.Config", "omegaconf.OmegaConf", "prettyconf.config",
)  # fmt: skip
ENV_READS = (
    "os.getenv", "os.environ.get", "os.environ[]", "os.environb.get",
)  # fmt: skip
ENV_FILES = ("dotenv.load_dotenv", "dotenv.dotenv_values", "dotenv.find_dotenv", "decouple", "environs", "environ.Env")

SCHEMAS = (
    "pydantic.BaseModel", "sqlmodel.SQLModel", "marshmallow.Schema", "msgspec.Struct", "rest_framework.serializers",
    "django.forms", "wtforms.Form", "ninja.Schema", "ninja.ModelSchema",
    "typing.TypedDict", "pydantic.RootModel", "pydantic_settings.BaseSettings",
)  # fmt: skip
VALIDATIONS = (
    "model_validate", "model_validate_json", "validate_python", "validate_json", "parse_obj", "parse_raw",
    "jsonschema.validate", "load", "is_valid", "convert",
)  # fmt: skip
MODEL_VALIDATIONS = (
    "model_validate", "model_validate_json", "validate_python", "validate_json", "parse_obj", "parse_raw",
)  # fmt: skip

TEST_CLIENTS = (
    "fastapi.testclient.TestClient", "starlette.testclient.TestClient", "httpx.ASGITransport", "httpx2.ASGITransport",
    "httpx.WSGITransport", "flask.Flask().test_client", "litestar.testing", "aiohttp.test_utils",
    "django.test.Client", "rest_framework.test", "asgi_lifespan.LifespanManager", "streamlit.testing.v1.AppTest",
    "pytest_aiohttp", "testcontainers", "typer.testing.CliRunner", "click.testing.CliRunner",
    "quart.Quart().test_client", "quart.Quart().test_app",
    "sanic_testing", "webtest.TestApp", "werkzeug.test.Client", "tornado.testing",
    "channels.testing",
    "uvicorn.Server",
    "mcp.shared.memory", "mcp.client.sse.sse_client", "mcp.client.streamable_http.streamablehttp_client",
    "mcp.client.stdio.stdio_client", "fastmcp.Client", "fastmcp.client.Client",
    "mcp.client.streamable_http.streamable_http_client", "mcp.client.websocket", "mcp.Client", "temporalio.testing",
    "temporalio.worker.Worker", *(f"{server}().call_tool" for server in TOOL_SERVERS),
)  # fmt: skip
# What a test asks a server by that is not its own code.
ASKING = ("requests", "httpx", "aiohttp", "websockets", "fastmcp", "mcp", "playwright", "selenium", "openai", "grpc")
FAKES = (
    "unittest.mock", "mock", "pytest_mock", "respx", "responses", "vcr", "pytest_httpx", "requests_mock",
    "aioresponses", "moto", "pydantic_ai.models.test", "pydantic_ai.models.function",
    "langchain_core.language_models.fake", "langchain_core.language_models.fake_chat_models",
    "langchain_community.chat_models.fake", "langchain_core.language_models.FakeListChatModel", "fakeredis",
    "mongomock", "freezegun", "httpretty", "pytest_httpserver", "betamax", "pretend", "flexmock", "mockito",
    "pytest.mark.vcr", "pytest.mark.block_network", "langchain_core.embeddings.FakeEmbeddings",
    "langchain_core.embeddings.fake", "llama_index.core.llms.mock", "llama_index.core.llms.MockLLM",
    "llama_index.core.MockEmbedding", "autogen_ext.models.replay",
    "langchain_core.language_models.GenericFakeChatModel",
)  # fmt: skip
# What holds data for as long as a test runs.
LOCAL_STORES = (
    "testcontainers", "chromadb.EphemeralClient", "chromadb.Client",
    "langchain_core.vectorstores.InMemoryVectorStore", "pytest_postgresql", "pytest_docker",
)  # fmt: skip
PROPERTIES = (
    "hypothesis.given", "hypothesis.stateful", "schemathesis",
)  # fmt: skip
LOAD_TESTS = (
    "locust.HttpUser", "locust.FastHttpUser", "locust.User", "locust.contrib.fasthttp.FastHttpUser",
    "molotov.scenario",
)  # fmt: skip

STEP_CAPS = (
    "max_iterations", "max_turns", "max_steps", "max_iter", "recursion_limit", "usage_limits", "request_limit",
    "max_consecutive_auto_reply", "max_round", "tool_calls_limit", "max_execution_time", "max_llm_calls",
    "max_rounds",
)  # fmt: skip
TOKEN_CAPS = (
    "max_tokens", "max_output_tokens", "max_completion_tokens", "total_tokens_limit", "response_tokens_limit",
)  # fmt: skip
STEP_CAP_TYPES = (
    "autogen_agentchat.conditions.MaxMessageTermination", "autogen_agentchat.conditions.TokenUsageTermination",
    "autogen_agentchat.conditions.TimeoutTermination", "google.adk.agents.run_config.RunConfig().max_llm_calls",
    "pydantic_ai.usage.UsageLimits", "pydantic_ai.UsageLimits",
    "langchain.agents.middleware.ModelCallLimitMiddleware", "langchain.agents.middleware.ToolCallLimitMiddleware",
)  # fmt: skip

# Running several things at once, and what bounds it.
CONCURRENT = (
    "asyncio.gather", "asyncio.TaskGroup", "asyncio.as_completed", "anyio.create_task_group",
    "concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor", "multiprocessing.Pool",
    "trio.open_nursery", "asyncio.wait", "multiprocessing.pool.ThreadPool", "multiprocessing.pool.Pool",
    "joblib.Parallel", "langgraph.types.Send", "langgraph.constants.Send", "langchain_core.runnables.RunnableParallel",
    "asyncer.create_task_group", "aiometer.run_on_each", "aiometer.run_all", "aiometer.run_any", "aiometer.amap",
    "tqdm.contrib.concurrent.thread_map", "tqdm.contrib.concurrent.process_map", "dspy.Parallel", "dspy.parallel",
    "langchain_core.runnables.utils.gather_with_concurrency", "llama_index.core.async_utils.run_jobs",
)  # fmt: skip
CONCURRENCY_BOUNDS = (
    "asyncio.Semaphore", "asyncio.BoundedSemaphore", "asyncio.locks.Semaphore", "anyio.CapacityLimiter",
    "anyio.Semaphore", "threading.BoundedSemaphore", "threading.Semaphore", "aiolimiter.AsyncLimiter",
    "asyncio_throttle.Throttler", "trio.CapacityLimiter", "langchain_core.runnables.utils.gather_with_concurrency",
)  # fmt: skip
# Moves what blocks out of the way of what does not.
TO_THREADS = (
    "asyncio.to_thread", "anyio.to_thread.run_sync", "starlette.concurrency.run_in_threadpool",
    "fastapi.concurrency.run_in_threadpool", "asgiref.sync.sync_to_async", "asyncer.asyncify",
)  # fmt: skip
# Leaves tasks to processes that take them from a queue.
TASK_QUEUES = (
    *(name for name in WORKERS if not name.startswith(("apscheduler", "schedule.", "prefect"))), "django_q.tasks",
    "rq.Queue", "celery.shared_task", "arq.create_pool", "dramatiq.Actor", "saq.Queue", "google.cloud.tasks_v2",
    "streaq.Worker", "taskiq_redis",
)  # fmt: skip
BROWSERS = (
    "playwright", "selenium", "streamlit.testing.v1.AppTest", "pytest_playwright",
)  # fmt: skip
# How a function becomes a step of a feature.
STEPS = (*(f"{library}.{word}" for library in ("behave", "pytest_bdd") for word in ("given", "when", "then", "step")),)
STATE_GRAPHS = (
    "langgraph.graph.StateGraph", "langgraph.graph.state.StateGraph", "langgraph.graph.MessageGraph",
)  # fmt: skip
STATE_BASES = (
    "typing.TypedDict", "typing_extensions.TypedDict", "pydantic.BaseModel", "langgraph.graph.MessagesState",
    "langgraph.graph.message.MessagesState", "langchain.agents.AgentState", "langgraph.prebuilt.chat_agent_executor",
)  # fmt: skip
# Bases whose fields have types, beside those that a graph's state derives from.
TYPED_BASES = (
    "pydantic", "msgspec.Struct", "sqlmodel.SQLModel", "typing.NamedTuple", "mcp.types",
)  # fmt: skip
DATACLASSES = ("dataclasses.dataclass", "pydantic.dataclasses.dataclass", "attrs.define", "attr.s", "attrs.frozen")
FROZEN = ("attrs.frozen",)
# Frameworks in which events, or messages between the parts, change the state.
EVENT_STATES = (
    "llama_index.core.workflow.Event", "llama_index.core.workflow.events.Event", "workflows.events.Event",
    "workflows.Event", "autogen_core.RoutedAgent", "autogen_core.message_handler", "pydantic_graph.Graph",
    "pydantic_graph.BaseNode", "burr.core", "temporalio.workflow.defn", "google.adk.events.EventActions",
    "dapr.ext.workflow", "dbos.DBOS", "restate.Workflow", "restate.VirtualObject", "azure.durable_functions",
)  # fmt: skip
# What a library hands to tools and callbacks, with the state of the run in it.
RUN_CONTEXTS = (
    "google.adk.tools.ToolContext", "google.adk.tools.tool_context.ToolContext",
    "google.adk.agents.callback_context.CallbackContext", "google.adk.agents.invocation_context.InvocationContext",
    "google.adk.agents.readonly_context.ReadonlyContext", "agents.RunContextWrapper", "pydantic_ai.RunContext",
    "pydantic_ai.tools.RunContext", "livekit.agents.RunContext", "langchain.tools.ToolRuntime",
    "langgraph.runtime.Runtime", "strands.ToolContext", "agno.run.RunContext",
)  # fmt: skip
REDUCERS = (
    "langgraph.graph.add_messages", "langgraph.graph.message.add_messages", "operator.add",
    "langgraph.graph.MessagesState", "langgraph.graph.message.MessagesState", "langchain.agents.AgentState",
)  # fmt: skip
# Tables and documents of mappers that need no migrations, or that are not asked for them.
DOCUMENTS = (
    "beanie.Document", "mongoengine.Document", "odmantic.Model", "redis_om", "piccolo.table.Table", "ormar.Model",
    "flask_sqlalchemy.SQLAlchemy().Model",
)  # fmt: skip
DECLARATIVE = ("sqlalchemy.ext.declarative.as_declarative", "sqlalchemy.orm.as_declarative")  # decorators of a base
GRAPH_STORES = ("neo4j.GraphDatabase.driver", "neo4j.AsyncGraphDatabase.driver", "falkordb.FalkorDB", "kuzu.Database")
DURABLE_MEMORY = (
    "langgraph.checkpoint.postgres", "langgraph.checkpoint.sqlite", "langgraph.checkpoint.redis",
    "langgraph.checkpoint.mongodb", "langgraph.store.postgres", "agents.SQLiteSession", "mem0",
    "agents.extensions.memory", "langchain_community.chat_message_histories",
    "langchain_postgres.PostgresChatMessageHistory", "langchain_postgres.chat_message_histories",
    "langchain_redis.RedisChatMessageHistory",
    "google.adk.sessions.DatabaseSessionService", "zep_cloud", "letta_client", "agno.storage",
    "agno.db", "agno.memory.v2.db", "agno.memory.db", "phi.storage", "phi.memory.db", "llama_index.storage.chat_store",
    "langchain_mongodb.chat_message_histories", "langchain_mongodb.MongoDBChatMessageHistory",
    "langgraph.checkpoint.aiosqlite", "chainlit.data.sql_alchemy", "zep_python",
    "langchain.memory.RedisChatMessageHistory", "langchain.memory.PostgresChatMessageHistory",
    "langchain.memory.MongoDBChatMessageHistory", "langchain.memory.MotorheadMemory", "langchain.memory.ZepMemory",
    "langgraph.store.redis", "langgraph.store.mongodb",
    "langgraph_checkpoint_aws", "langgraph_checkpoint_dynamodb", "strands.session.file_session_manager",
    "strands.session.s3_session_manager", "strands.session.FileSessionManager", "strands.session.S3SessionManager",
    "bedrock_agentcore.memory", "google.adk.sessions.VertexAiSessionService",
    "google.adk.memory.VertexAiMemoryBankService", "langchain_google_firestore.FirestoreChatMessageHistory",
    "chainlit.data.dynamodb", "temporalio.workflow.defn",
    "llama_index.core.storage.chat_store.SimpleChatStore.from_persist_path",
)  # fmt: skip
# Memories of libraries that end with the process.
HELD_MEMORY = (
    "langgraph.checkpoint", "langgraph.store", "agents.Session", "langchain.memory", "langchain_classic.memory",
    "langchain_core.chat_history", "langchain_core.runnables.history", "langchain.chains.ConversationChain",
    "langchain.chains.ConversationalRetrievalChain", "langchain_community.chat_message_histories",
    "llama_index.core.memory", "llama_index.core.chat_engine", "llama_index.memory",
    "google.adk.sessions.InMemorySessionService", "google.adk.runners.InMemoryRunner",
    "google.adk.memory.InMemoryMemoryService", "semantic_kernel.contents.ChatHistory",
    "semantic_kernel.contents.chat_history", "semantic_kernel.agents.ChatHistoryAgentThread", "dspy.History",
    "autogen_core.model_context", "agno.memory", "phi.memory", "camel.memories",
    "haystack_experimental.chat_message_stores", "agno.db.in_memory",
)  # fmt: skip
# What tells a framework how much of a history goes to the model.
HISTORY_BOUNDS = (
    "num_history_runs", "num_history_responses", "num_history_messages", "num_history_sessions", "history_size",
    "max_history", "message_limit", "token_limit", "memory_window", "buffer_size", "history_processors",
    "max_token_limit", "history_limit", "max_history_messages", "max_history_length", "history_window",
)  # fmt: skip
MEMORY_BOUNDS = (
    "langchain_core.messages.trim_messages", "langchain_core.messages.utils.trim_messages",
    "langchain_core.messages.RemoveMessage", "langchain.agents.middleware.SummarizationMiddleware",
    "langmem.short_term", "langchain.memory.ConversationBufferWindowMemory",
    "llama_index.core.memory.ChatMemoryBuffer", "langchain.schema.messages.trim_messages",
    "langchain.memory.ConversationTokenBufferMemory", "langchain.memory.ConversationSummaryBufferMemory",
    "langchain.memory.ConversationSummaryMemory", "llama_index.core.memory.ChatSummaryMemoryBuffer",
    "strands.agent.conversation_manager", "autogen_core.model_context.BufferedChatCompletionContext",
    "autogen_core.model_context.TokenLimitedChatCompletionContext",
    "langchain.agents.middleware.ContextEditingMiddleware",
    "temporalio.workflow.continue_as_new",
    "semantic_kernel.contents.history_reducer", "semantic_kernel.contents.ChatHistoryTruncationReducer",
    "semantic_kernel.contents.ChatHistorySummarizationReducer", "google.adk.apps.app.EventsCompactionConfig",
)  # fmt: skip
TOOL_DECORATORS = (
    "langchain_core.tools.tool", "langchain.tools.tool", "langchain.agents.tool", "agents.function_tool",
    "agents.tool.function_tool", "crewai.tools.tool", "crewai_tools.tool", "smolagents.tool",
    "livekit.agents.function_tool", "livekit.agents.llm.function_tool", "pydantic_ai.Agent().tool",
    "pydantic_ai.Agent().tool_plain", *(f"{server}().tool" for server in TOOL_SERVERS),
    "strands.tool", "semantic_kernel.functions.kernel_function", "beeai_framework.tools.tool", "haystack.tools.tool",
    "agent_framework.ai_function", "agent_framework.tool", "claude_agent_sdk.tool", "agno.tools.tool",
    "agno.tools.decorator.tool", "livekit.agents.llm.ai_callable", "browser_use.Controller().action",
    "browser_use.Tools().action", "browser_use.controller.service.Controller().action",
)  # fmt: skip
TOOL_TYPES = (
    "langchain_core.tools.StructuredTool", "langchain.tools.StructuredTool", "langchain_core.tools.BaseTool",
    "langchain.tools.BaseTool", "langchain_core.tools.Tool", "langchain.tools.Tool", "crewai.tools.BaseTool",
    "llama_index.core.tools.FunctionTool", "google.adk.tools.FunctionTool", "autogen_core.tools.FunctionTool",
    "pydantic_ai.Tool", "pydantic_ai.tools.Tool", "smolagents.Tool", "haystack.tools.Tool", "agents.FunctionTool",
    "langchain_community.tools", "langchain_tavily", "langchain_core.tools.create_retriever_tool", "mcp.types.Tool",
    "agno.tools", "phi.tools", "crewai_tools", "strands_tools", "llama_index.tools", "autogen_ext.tools",
    "google.adk.tools", "agents.WebSearchTool", "agents.FileSearchTool", "agents.HostedMCPTool",
    "agents.CodeInterpreterTool", "smolagents.DuckDuckGoSearchTool", "smolagents.VisitWebpageTool",
    "smolagents.WebSearchTool", "langchain_classic.tools", "pydantic_ai.common_tools", "aviary.core.Tool",
    "beeai_framework.tools", "beeai_framework.tools.Tool", "beeai_framework.tools.tool.Tool", "agno.tools.Toolkit",
    "agno.tools.toolkit.Toolkit", "camel.toolkits", "camel.toolkits.BaseToolkit", "griptape.tools",
    "griptape.tools.BaseTool", "haystack.tools.ComponentTool", "haystack.tools.create_tool_from_function", "dspy.Tool",
    "llama_index.core.tools.QueryEngineTool", "langroid.agent.tool_message.ToolMessage", "langroid.ToolMessage",
    "atomic_agents.lib.base.base_tool.BaseTool", "atomic_agents.BaseTool", "qwen_agent.tools.base.BaseTool",
    "agent_framework.FunctionTool", "mirascope.core.BaseTool",
)  # fmt: skip
# Tools that a library makes of an OpenAPI document.
OPENAPI_TOOLS = (
    *(f"{server}.from_openapi" for server in TOOL_SERVERS), *(f"{server}.from_fastapi" for server in TOOL_SERVERS),
    "langchain_community.agent_toolkits.openapi", "langchain_community.agent_toolkits.OpenAPIToolkit",
    "langchain_community.tools.openapi", "google.adk.tools.openapi_tool", "fastapi_mcp.FastApiMCP",
    "google.adk.tools.OpenAPIToolset", "semantic_kernel.kernel.Kernel().add_plugin_from_openapi",
    "semantic_kernel.Kernel().add_plugin_from_openapi", "haystack.components.connectors.OpenAPIServiceConnector",
    "fastagency.api.openapi.OpenAPI.create", "azure.ai.agents.models.OpenApiTool",
    "azure.ai.projects.models.OpenApiTool",
)  # fmt: skip
# Options by which a library asks a person before a tool runs.
APPROVALS = (
    "needs_approval", "requires_confirmation", "require_confirmation", "interrupt_on", "require_approval",
    "requires_approval", "approval_mode",
)  # fmt: skip
# What asks the person at the terminal.
QUESTIONS = (
    "typer.confirm", "click.confirm", "typer.prompt", "click.prompt", "rich.prompt.Confirm.ask",
    "rich.prompt.Prompt.ask", "questionary", "inquirer", "InquirerPy", "prompt_toolkit.prompt", "input",
    "prompt_toolkit.PromptSession().prompt", "prompt_toolkit.shortcuts.confirm", "streamlit.button",
    "chainlit.AskActionMessage", "chainlit.AskUserMessage",
)  # fmt: skip
# Tools of libraries by which a model runs commands or code where the agent runs.
COMMAND_TOOLS = (
    "strands_tools.shell", "strands_tools.python_repl", "langchain_community.tools.ShellTool",
    "langchain_community.tools.shell", "langchain.tools.ShellTool", "langchain_experimental.tools.PythonREPLTool",
    "langchain_experimental.tools.python", "langchain_experimental.utilities.PythonREPL", "agno.tools.shell",
    "agno.tools.python", "phi.tools.shell", "phi.tools.python", "autogen.coding.LocalCommandLineCodeExecutor",
    "autogen_ext.code_executors.local", "llama_index.tools.code_interpreter", "camel.toolkits.CodeExecutionToolkit",
)  # fmt: skip
PROCESSES = (
    "subprocess", "os.system", "os.popen", "asyncio.create_subprocess_shell", "asyncio.create_subprocess_exec",
    "pexpect",
)  # fmt: skip
GUARDRAILS = (
    "agents.InputGuardrail", "agents.OutputGuardrail", "agents.input_guardrail", "agents.output_guardrail",
    "agents.guardrail", "guardrails", "nemoguardrails", "llm_guard", "rebuff", "lakera_guard",
    "google.cloud.modelarmor", "langchain.agents.middleware.HumanInTheLoopMiddleware",
    "langchain.agents.middleware.PIIMiddleware", "openai.OpenAI().moderations.create",
    "openai.AsyncOpenAI().moderations.create", "llama_guard", "azure.ai.contentsafety", "agno.guardrails",
    "crewai.guardrails", "pytector", "pydantic_ai_guardrails", "openai_guardrails",
)  # fmt: skip
EVALUATIONS = (
    "langsmith.evaluate", "langsmith.aevaluate", "langsmith.evaluation", "langsmith.Client().evaluate",
    "langsmith.Client().aevaluate", "deepeval", "ragas", "inspect_ai", "pydantic_evals", "promptfoo", "phoenix.evals",
    "mlflow.evaluate", "mlflow.genai.evaluate", "trulens", "giskard", "openevals", "agentevals", "braintrust.Eval",
    "langchain.evaluation", "azure.ai.evaluation", "langsmith.unit", "langsmith.test", "langsmith.testing",
    "langsmith.expect", "pytest.mark.langsmith", "phoenix.experiments", "weave.Evaluation", "opik.evaluate",
    "opik.evaluation", "autoevals", "google.adk.evaluation", "vertexai.evaluation", "vertexai.preview.evaluation",
    "llama_index.core.evaluation", "haystack.evaluation", "lm_eval", "agno.eval", "promptflow.evals", "uptrain",
    "patronus", "langfuse.Langfuse().run_experiment", "langfuse.get_client().run_experiment", "strands_evals",
    "mlflow.models.evaluate",
)  # fmt: skip
FLAGS = (
    "openfeature", "UnleashClient", "ldclient", "growthbook", "flagsmith", "statsig", "waffle", "flipper",
    *(
        f"posthog.{asked}{method}"
        for asked in ("", "Posthog().", "client.Client().")
        for method in ("feature_enabled", "get_feature_flag", "get_feature_flag_payload", "get_all_flags")
    ),
)  # fmt: skip
ENCRYPTION = (
    "cryptography.fernet.Fernet", "cryptography.fernet.MultiFernet", "cryptography.hazmat.primitives.ciphers",
    "sqlalchemy_utils.EncryptedType", "nacl.secret.SecretBox", "aws_encryption_sdk", "django_cryptography",
    "encrypted_fields", "google.cloud.kms",
)  # fmt: skip
ORMS = (
    "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.declarative_base()", "sqlalchemy.Table",
    "sqlalchemy.ext.declarative.declarative_base()", "sqlmodel.SQLModel", "django.db.models.Model",
    "tortoise.models.Model", "peewee.Model",
)  # fmt: skip
# Bases that tables derive from through one class of the project's own, which is no table.
ORM_BASES = ("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta")
DATABASES = (
    "sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlmodel.create_engine", "asyncpg.connect", "asyncpg.create_pool", "psycopg.connect",
    "psycopg.AsyncConnection.connect", "psycopg2.connect", "psycopg_pool.ConnectionPool",
    "psycopg_pool.AsyncConnectionPool", "sqlite3.connect",
    "aiosqlite.connect", "pymysql.connect", "mysql.connector.connect", "duckdb.connect", "oracledb.connect",
)  # fmt: skip
# What outlives the process, by what connects to it.
STORES = (
    *DATABASES, "pymongo.MongoClient", "pymongo.AsyncMongoClient", "motor.motor_asyncio.AsyncIOMotorClient",
    "redis.Redis", "redis.from_url", "redis.asyncio.Redis", "redis.asyncio.from_url", "tinydb.TinyDB", "boto3.resource",
    "sqlite_utils.Database", "shelve.open", "dataset.connect",
    "azure.cosmos.CosmosClient", "azure.cosmos.aio.CosmosClient", "google.cloud.firestore", "supabase.create_client",
)  # fmt: skip

SCANNERS = (
    "pip-audit", "bandit", "safety check", "safety scan", "trivy", "snyk", "semgrep", "codeql-action", "gitleaks",
    "trufflehog", "osv-scanner", "grype", "pysentry", "ruff check --select S", "govulncheck", "checkov",
    "detect-secrets", "dependency-review-action", "scorecard-action", "anchore/scan-action", "uv audit",
    "security-devops-action", "pip_audit", "uv-secure", "ggshield", "docker scout", "docker/scout-action",
    "safety-action", "tfsec", "checkmarx/kics", "dockle",
)  # fmt: skip
LINTERS = (
    "ruff", "flake8", "pylint", "mypy", "pyright", "black --check", "pre-commit", "isort --check", "pyrefly",
    "basedpyright", "ty check", "prek", "rye lint", "hatch fmt --check", "pycodestyle", "super-linter", "megalinter",
    "trunk check", "psf/black", "isort/isort-action", "pants lint",
)  # fmt: skip
TEST_RUNNERS = (
    "pytest", "-m unittest", "tox", "nox", "agentctl test", "agentctl ci", "manage.py test", "hatch test",
    ".manage test", "uv run test", "trial ", "rye test", "hatch run test", "pdm run test", "pixi run test", "poe test",
    "nose2", "bazel test", "setup.py test", "pants test", "stestr run", "-m django test",
)  # fmt: skip
BUILDERS = (
    "docker build", "docker buildx build", "docker compose build", "docker-compose build", "build-push-action",
    "python -m build", "uv build", "poetry build", "hatch build", "pip install .", "pip install -e", "uv sync",
    "poetry install", "pdm install", "pdm build", "uv pip install", "podman build", "pip install --no-deps",
    "pip install --require-hashes", "rye sync", "rye build", "pixi install", "pipenv install", "flit install",
    "flit build", "bazel build", "docker/bake-action", "depot/build-push-action", "uv run ", "tox ", "nox ",
    "devcontainer up", "devcontainers/ci", "npm run build", "pnpm build", "pnpm run build", "yarn build",
    "yarn run build", "bun run build", "cdk synth",
)  # fmt: skip


def is_one_of(name: str, prefixes: tuple[str, ...]) -> bool:
    """Return whether a dotted name is one of the prefixes or lies beneath one."""
    whole, beneath = _prepared(prefixes)
    return name in whole or name.startswith(beneath)


@cache
def _prepared(prefixes: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    return frozenset(prefixes), tuple(f"{prefix}{mark}" for prefix in prefixes for mark in ".(")


@cache
def roots(prefixes: tuple[str, ...]) -> frozenset[str]:
    """Return the first parts of dotted names."""
    return frozenset(root(prefix) for prefix in prefixes)


def root(name: str) -> str:
    """Return the first part of a dotted name."""
    return name.partition(".")[0].partition("(")[0]

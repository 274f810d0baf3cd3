"""All groups, by the suite of the command line (`None` without one) and the name for `--only`."""

from groups import cluster, http, observed, plots, post, redis, sizes

# Tables of servers that wrk measures in turn, with their numbers of connections: (bench, connections) -> Group.
TABLES = {
    None: {
        "cached": (http.cached, [64]),
        "observed": (observed.observed, [64]),
        "stored": (http.stored, [64]),
        "post": (post.post, [64, 256]),
        "cores": (http.cores, [64]),
        "large": (http.large, [16]),
    },
    "redis": {"get": (redis.get, [64, 256]), "post": (redis.post, [64, 256])},
    "plots": {},
}
# Groups that print a format of their own: bench -> number of failed requests.
REPORTS = {
    None: {"latency": http.latency, "sizes": sizes.sizes},
    "redis": {"batch": redis.batch, "kill": cluster.kill, "pause": cluster.pause, "copy": cluster.copy},
    "plots": {
        "connections": plots.connections,
        "latency": plots.latency,
        "messages": plots.messages,
        "stores": plots.stores,
        "draw": plots.draw,
    },
}

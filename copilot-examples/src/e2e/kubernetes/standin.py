"""An API server for where no node is to be had: standin.py PORT PODS RATE EVERY. Of its pods, each of which prints RATE lines/s, the
oldest is replaced every EVERY seconds (0 = never). It answers lists and watches of pods and events, and logs since a time, followed or not."""
import calendar, http.server, json, re, sys, threading, time, urllib.parse

port, count, rate, every = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
pods, made = {}, 0


def stamp(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{at % 1 * 1e9:09.0f}Z"


def begin():
    global made
    pods[f"load-{made:05d}"] = time.time()
    made += 1


def lines(born, first, until):
    """The lines from a number on, up to a moment; and the number of the next one."""
    last = int((until - born) * rate)
    text = "".join(f"{stamp(born + n / rate)} line {n + 1} of this pod, and some more words so that the line has about one hundred and thirty"
                   f" bytes, as the lines of services do\n" for n in range(first, last + 1))
    return text.encode(), max(first, last + 1)


def pod(name, born):
    return {"metadata": {"name": name, "namespace": "load", "uid": f"uid-{name}", "labels": {"app": "load"}},
            "spec": {"nodeName": "standin", "containers": []},
            "status": {"containerStatuses": [{"name": "app", "image": "i", "imageID": "i", "ready": True, "restartCount": 0,
                                              "state": {"running": {"startedAt": stamp(born)[:19] + "Z"}}, "lastState": {}}]}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status, "message": message})

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        log = re.fullmatch(r"/api/v1/namespaces/load/pods/([^/]+)/log", url.path)
        if log:
            self.log(log[1], query)
        elif query.get("watch") == "true":
            self.watch(url.path.endswith("/pods"), int(query["resourceVersion"]), float(query["timeoutSeconds"]))
        elif url.path.endswith("/pods"):
            name = query.get("fieldSelector", "").removeprefix("metadata.name=")
            some = [pod(n, b) for n, b in list(pods.items()) if name in ("", n)]
            self.answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": str(made)}, "items": some})
        else:
            self.answer(200, {"kind": "EventList", "apiVersion": "v1", "metadata": {"resourceVersion": str(made)}, "items": []})

    def watch(self, of_pods, since, seconds):
        """Pods that came since a number was made, and of those before it the ones that went."""
        self.chunks("application/json")
        known = {f"load-{n:05d}": None for n in range(max(0, since - 2 * count), since)}
        until = time.time() + seconds
        while time.time() < until:
            now = dict(pods) if of_pods else {}
            changes = [("DELETED", n, b or 0) for n, b in known.items() if n not in now] + [("ADDED", n, b) for n, b in now.items() if n not in known]
            known = now
            for kind, name, born in changes if of_pods else []:
                value = pod(name, born)
                value["metadata"]["resourceVersion"] = str(made)
                self.chunk((json.dumps({"type": kind, "object": value}) + "\n").encode())
            time.sleep(0.1)
        self.wfile.write(b"0\r\n\r\n")

    def chunks(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))

    def log(self, name, query):
        born = pods.get(name)
        if born is None:
            return self.refuse(404, "not found")
        if query.get("previous") == "true":
            return self.refuse(400, "previous terminated container not found")
        since = query.get("sinceTime")
        second = calendar.timegm(time.strptime(since[:19], "%Y-%m-%dT%H:%M:%S")) if since else born
        n = max(0, int((second - born) * rate - 1))
        while n > 0 and born + (n - 1) / rate >= second or born + n / rate < second:
            n += 1 if born + n / rate < second else -1
        self.chunks("text/plain")
        while True:
            text, n = lines(born, n, time.time())
            if text:
                self.chunk(text)
            if query.get("follow") != "true" or name not in pods:
                break
            time.sleep(0.1)
        self.wfile.write(b"0\r\n\r\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):  # a client that went away
        pass


for _ in range(count):
    begin()
threading.Thread(target=Server(("127.0.0.1", port), Handler).serve_forever, daemon=True).start()
while True:
    time.sleep(every or 3600)
    if every:
        begin()
        pods.pop(next(iter(pods)))
        print(made, flush=True)

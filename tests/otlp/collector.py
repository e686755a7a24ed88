"""A collector on OpenTelemetry's own protobuf definitions: what they do not know, it refuses.

Says `listening on URL` and then one line of JSON for every span and every metric that it took.
"""

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.json_format import MessageToDict, Parse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {"/v1/metrics": ExportMetricsServiceRequest, "/v1/traces": ExportTraceServiceRequest}
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def say(value):
    print(json.dumps(value) if not isinstance(value, str) else value, flush=True)


def ids_as_protobuf(value):
    """OTLP's JSON has ids in hexadecimal, protobuf's mapping in base64: the one difference."""
    if isinstance(value, list):
        return [ids_as_protobuf(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: ids_as_protobuf(member) for key, member in value.items()}
    for key in IDS.keys() & changed.keys():
        raw = bytes.fromhex(changed[key])
        if len(raw) != IDS[key]:
            raise ValueError(f"{key} has {len(raw)} bytes")
        changed[key] = base64.b64encode(raw).decode()
    return changed


def plain(attributes):
    return {item["key"]: next(iter(item["value"].values())) for item in attributes}


def shown(request):
    """Every span and metric as the definitions understand it, after a way through the wire."""
    wire = type(request).FromString(request.SerializeToString())
    told = MessageToDict(wire)
    for resource in told.get("resourceSpans", []):
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                span["attributes"] = plain(span["attributes"])
                span["resource"] = plain(resource["resource"]["attributes"])
                for key in IDS.keys() & span.keys():
                    span[key] = base64.b64decode(span[key]).hex()
                yield {"span": span}
    for resource in told.get("resourceMetrics", []):
        for scope in resource["scopeMetrics"]:
            for metric in scope["metrics"]:
                yield {"metric": metric}


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            if self.headers.get("content-type") != "application/json":
                raise ValueError("it is not JSON")
            request = REQUESTS[self.path]()
            Parse(json.dumps(ids_as_protobuf(json.loads(body))), request)
            for item in shown(request):
                say(item)
            status = 200
        except Exception as error:  # whatever it is, the body was not what it should be
            say({"refused": f"{self.path}: {error}"})
            status = 400
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
say(f"listening on http://127.0.0.1:{server.server_address[1]}")
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)

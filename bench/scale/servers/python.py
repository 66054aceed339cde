"""An echo server: python.py asyncio|uvloop streams|protocol."""

import asyncio
import os
import sys

SIZE = int(os.environ.get("BUFFER", 4096))


async def serve(reader, writer):
    try:
        while data := await reader.read(SIZE):
            writer.write(data)
    except ConnectionError:
        pass
    writer.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def main():
    if sys.argv[2] == "streams":
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())

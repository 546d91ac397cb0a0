"""A client of another language asks every tool, by stdio (jar, data folder) or by HTTP (url); exit 1 if one fails.

Usage: client.py stdio JAR DATA_DIR | client.py http URL
"""
import asyncio
import json
import sys

import mcp
from mcp.client.stdio import stdio_client


async def check(session):
    await session.initialize()
    tools = {t.name: t for t in (await session.list_tools()).tools}
    assert set(tools) == {"classify_logs", "search_logs", "ask", "list_issues", "get_issue"}, tools

    async def call(name, fails=False, **arguments):
        result = await session.call_tool(name, arguments)
        failed = getattr(result, "is_error", None)
        failed = result.isError if failed is None else failed
        text = result.content[0].text
        assert bool(failed) == fails, (name, text)
        return text if fails else json.loads(text)

    verdict = await call("classify_logs", lines=["OOMKilled: container api exceeded memory limit"])
    assert verdict["results"][0]["category"] == "oom", verdict
    found = await call("search_logs", service="checkout", severity=["ERROR"], limit=3)
    assert 0 < len(found["records"]) <= 3 and found["total"] > 3, found
    answer = await call("ask", question="Why does the checkout pod keep restarting?")
    assert answer["answered"] and answer["citations"], answer
    issues = (await call("list_issues"))["issues"]
    assert issues, issues
    issue = await call("get_issue", id=issues[0]["id"])
    assert issue["evidence"], issue
    assert "no issue" in await call("get_issue", fails=True, id="nothing")
    await call("search_logs", fails=True, limit=100000)
    await call("ask", fails=True, question="x", colour=1)
    await call("classify_logs", fails=True, lines=["x"] * 1001)
    print(f"mcp by {sys.argv[1]}: 5 tools answered")


async def main():
    if sys.argv[1] == "stdio":
        parameters = mcp.StdioServerParameters(command="java", args=["-jar", sys.argv[2], "mcp", "--data-dir", sys.argv[3]])
        async with stdio_client(parameters) as streams, mcp.ClientSession(streams[0], streams[1]) as session:
            await check(session)
    else:
        try:
            from mcp.client.streamable_http import streamable_http_client as http
        except ImportError:
            from mcp.client.streamable_http import streamablehttp_client as http
        async with http(sys.argv[2]) as streams, mcp.ClientSession(streams[0], streams[1]) as session:
            await check(session)


asyncio.run(asyncio.wait_for(main(), 120))

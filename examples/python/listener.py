"""A TCP listener of Linux 4.15 behind the conformance protocol (docs/protocol.md): one JSON object a line, in and out.

    tcp-backlog conform --kernel 4.15 -- python3 examples/python/listener.py
"""

from __future__ import annotations

import json
import sys
from typing import Any

from linux_4_15 import HZ, SYSCTLS, Errno, Machine, Segment

Message = dict[str, Any]

CAPABILITIES: Message = {
    "name": "listener.py",
    "version": "1",
    "observes": {"level": "sockets"},
    "clock": {"kind": "virtual"},
    "hz": HZ,
    "features": [
        "segments",
        "listen-again",
        "listen-elsewhere",
        "shutdown",
        "close-listener",
        "close-connection",
        "sysctl-write",
    ],
    "sysctls": list(SYSCTLS),
    "sockopts": ["TCP_SYNCNT"],
}


class Adapter:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        self.machine = Machine(None)

    def answer(self, request: Message) -> Message:
        kind = request["type"]
        if kind == "hello":
            return {"protocol": 1, "capabilities": CAPABILITIES}
        if kind == "reset":
            return self.reset(request["sysctl"], request["sockopt"])
        if kind == "apply":
            return {"outcome": self.apply(request["event"])}
        if kind == "observe":
            return {"observation": self.observation()}
        if kind == "stop":
            return {}
        raise ValueError(f"there is no request {kind}")

    def reset(self, sysctl: dict[str, int], sockopt: dict[str, int]) -> Message:
        self.machine = Machine(sockopt.get("TCP_SYNCNT"))
        refused = {}
        for name, value in sysctl.items():
            try:
                self.machine.write_sysctl(name, value)
            except Errno as errno:
                refused[name] = str(errno)
        return {"refused": refused} if refused else {}

    def apply(self, event: Message) -> Message:
        machine = self.machine
        machine.sent.clear()
        machine.setup_errors.clear()
        outcome: Message = {}
        try:
            if "segments" in event:
                for segment in event["segments"]:
                    machine.receive(arriving(segment))
            elif "wait" in event:
                machine.wait(event["wait"])
            elif "sysctl" in event:
                outcome["result"] = self.write_sysctls(event["sysctl"])
            else:
                outcome["result"] = 0
                outcome.update(self.call(event))
        except Errno as errno:
            outcome["result"] = str(errno)
        if machine.setup_errors:
            outcome["setupErrors"] = dict(machine.setup_errors)
        outcome["out"] = [leaving(segment) for segment in machine.sent]
        return outcome

    def call(self, event: Message) -> Message:
        """A system call: what its outcome has beside the result."""
        machine = self.machine
        name = event["syscall"]
        if name == "listen":
            machine.listen(event["backlog"], event.get("on"))
        elif name == "accept":
            return {"accepted": machine.accept()}
        elif name == "shutdown":
            machine.shutdown(event["how"])
        elif "peer" in event:
            machine.reset_connection(event["peer"])
        else:
            machine.close()
        return {}

    def write_sysctls(self, values: dict[str, int]) -> int | str:
        """Writes all, also those after one that is refused: the first refusal is the result."""
        refused = []
        for name, value in values.items():
            try:
                self.machine.write_sysctl(name, value)
            except Errno as errno:
                refused.append(str(errno))
        return refused[0] if refused else 0

    def observation(self) -> Message:
        machine = self.machine
        requests = [row(r.peer, "SYN_RECV", r.timeouts, False) for r in machine.requests.values()]
        connections = [row(c.peer, "ESTABLISHED", 0, c.accepted) for c in machine.connections.values()]
        observation: Message = {"counters": machine.counters, "sockets": requests + connections}
        if machine.listener is not None:
            observation["listener"] = {
                "state": machine.listener.state,
                "acceptQueue": len(machine.listener.accept_queue),
                "maxAcceptQueue": machine.listener.limit if machine.listening() else 0,
            }
        return observation


def row(peer: int, state: str, retransmits: int, accepted: bool) -> Message:
    return {"peer": peer, "state": state, "retransmits": retransmits, "accepted": accepted}


def arriving(segment: Message) -> Segment:
    return Segment(segment["peer"], frozenset(segment["flags"]), segment["seq"], segment.get("ack"))


def leaving(segment: Segment) -> Message:
    message = {"at": segment.at, "peer": segment.peer, "flags": sorted(segment.flags), "seq": segment.seq}
    return message if segment.ack is None else {**message, "ack": segment.ack}


def main() -> None:
    adapter = Adapter()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = adapter.answer(request)
        except Exception as error:  # the kit is told, and ends the test
            print(json.dumps({"type": "error", "id": request["id"], "message": repr(error)}), flush=True)
            return
        print(json.dumps({"type": request["type"], "id": request["id"], **answer}), flush=True)
        if request["type"] == "stop":
            return


if __name__ == "__main__":
    main()

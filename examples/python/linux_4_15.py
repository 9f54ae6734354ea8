"""A model of a TCP listener of Linux 4.15 with HZ=1000: its two queues, its timers and its counters.

Written from spec/rules.json and spec/kernels/linux-4.15.json. Where the code decides what a rule says, the rule is named
in brackets. README.md lists what is left out.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Callable, Iterator

HZ = 1000  # jiffies per second
JIFFY = 1_000_000 // HZ  # microseconds
FIRST_JIFFY = 300 * HZ  # any number would do
TIMEOUT_INIT = 1 * HZ  # TCP_TIMEOUT_INIT in jiffies
RTO_MAX = 120 * HZ  # TCP_RTO_MAX in jiffies
PRUNE_MIN_LIMIT = 8  # requests
ANSWER_EVERY = HZ // 2  # tcp_invalid_ratelimit in jiffies
WINDOW = 29_200  # bytes that a SYN-ACK offers: 20 segments of 1460
INT_MAX = 2**31 - 1

SOMAXCONN = "net.core.somaxconn"
MAX_SYN_BACKLOG = "net.ipv4.tcp_max_syn_backlog"
SYNACK_RETRIES = "net.ipv4.tcp_synack_retries"
ABORT_ON_OVERFLOW = "net.ipv4.tcp_abort_on_overflow"
SYNCOOKIES = "net.ipv4.tcp_syncookies"
SYSCTLS = {SOMAXCONN: 128, MAX_SYN_BACKLOG: 128, SYNACK_RETRIES: 5, ABORT_ON_OVERFLOW: 0, SYNCOOKIES: 1}

# What listen(2) says to something else than the listener.
LISTEN_ERRORS: dict[str, str] = {
    "udp-socket": "EOPNOTSUPP",
    "pipe": "ENOTSOCK",
    "bad-descriptor": "EBADF",
    "connected-socket": "EINVAL",
}


class Errno(Exception):
    """What a system call or a sysctl fails with, by name."""


def u32(number: int) -> int:
    """A sequence number: they wrap."""
    return number % 2**32


def i32(number: int) -> int:
    """An int of C, which wraps in the kernel."""
    return u32(number + 2**31) - 2**31


def after(a: int, b: int) -> bool:
    """Whether sequence number a comes after b."""
    return 0 < u32(a - b) < 2**31


@dataclass(frozen=True)
class Segment:
    """A segment, arriving or sent. No segment of this model has payload or options."""

    peer: int
    flags: frozenset[str]
    seq: int
    ack: int | None = None
    at: int = 0

    @property
    def end(self) -> int:
        """The sequence number behind it: SYN and FIN take one each."""
        return u32(self.seq + len(self.flags & {"SYN", "FIN"}))


@dataclass(eq=False)
class Listener:
    """A socket that was told to listen."""

    syn_retries: int | None  # TCP_SYNCNT
    state: str = "CLOSE"
    limit: int = 0  # of both queues
    accept_queue: deque[Connection] = field(default_factory=deque)
    requests: int = 0  # length of the SYN queue
    young: int = 0  # how many of them never timed out

    def accept_queue_is_full(self) -> bool:
        return len(self.accept_queue) > self.limit

    def syn_queue_is_full(self) -> bool:
        return self.requests >= self.limit


@dataclass(eq=False)
class Timer:
    """A timer, and where it stands in the wheel while it is armed."""

    fire: Callable[[], None]
    bucket: tuple[int, int] | None = None  # the jiffy in which it fires, and minus its level


@dataclass(eq=False)
class Request:
    """A peer that was sent a SYN-ACK and has not acknowledged it."""

    listener: Listener
    peer: int
    peer_isn: int
    isn: int
    timer: Timer
    timeouts: int = 0
    answered: int | None = None  # the jiffy of the last answer to something out of place


@dataclass(eq=False)
class Connection:
    """A peer whose handshake is complete."""

    peer: int
    seq: int  # next number to send
    ack: int  # next number to receive
    accepted: bool = False


class TimerWheel:
    """Timers in buckets, as kernels/linux-4.15.json describes it. Times and delays are jiffies."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[int, int], list[Timer]] = {}

    def arm(self, timer: Timer, now: int, delay: int) -> None:
        """Sets a timer, perhaps anew."""
        level = next(n for n in range(9) if delay < 63 * 8**n)
        width = 8**level
        bucket = ((now + delay) // width * width + width, -level)  # [calc_index/rounded-up]
        if timer.bucket == bucket:
            return  # [__mod_timer/keeps-place]
        self.disarm(timer)
        timer.bucket = bucket
        self.buckets.setdefault(bucket, []).insert(0, timer)  # [enqueue_timer/newest-first]

    def disarm(self, timer: Timer) -> None:
        if timer.bucket is None:
            return
        timers = self.buckets[timer.bucket]
        timers.remove(timer)
        if not timers:
            del self.buckets[timer.bucket]
        timer.bucket = None

    def due(self, until: int) -> Iterator[tuple[int, Timer]]:
        """The timers that are due up to a jiffy, in order, each with its own jiffy; more may be armed on the way."""
        while self.buckets and (bucket := min(self.buckets))[0] <= until:  # [__run_timers/coarsest-level-first]
            timer = self.buckets[bucket][0]
            self.disarm(timer)
            yield bucket[0], timer


class Machine:
    """A machine with one process and at most one listener, from its first moment on. Times are microseconds."""

    def __init__(self, syn_retries: int | None) -> None:
        self.time = 0
        self.sysctl = dict(SYSCTLS)
        self.counters: dict[str, int] = {}
        self.listener: Listener | None = None
        self.requests: dict[int, Request] = {}
        self.connections: dict[int, Connection] = {}
        self.wheel = TimerWheel()
        self.sent: list[Segment] = []
        self.setup_errors: dict[str, str] = {}
        self._syn_retries = syn_retries
        self._random = random.Random(0)  # the same requests get the same answers

    @property
    def jiffy(self) -> int:
        return FIRST_JIFFY + self.time // JIFFY

    def count(self, *names: str) -> None:
        for name in names:
            self.counters[name] = self.counters.get(name, 0) + 1

    def listening(self) -> Listener | None:
        return self.listener if self.listener and self.listener.state == "LISTEN" else None

    # Settings and system calls

    def write_sysctl(self, name: str, value: int) -> None:
        """[do_proc_dointvec_conv/not-an-int], [do_proc_dointvec_minmax_conv/out-of-range]"""
        if value > INT_MAX or (name == SOMAXCONN and value < 0):
            raise Errno("EINVAL")
        self.sysctl[name] = value

    def listen(self, backlog: int, on: str | None = None) -> None:
        if on == "second-socket-same-port":
            self.setup_errors["bind"] = "EADDRINUSE"
            return
        if on is not None:
            raise Errno(LISTEN_ERRORS[on])
        if self.listener is None:
            self.listener = Listener(self._checked_syn_retries())
        self.listener.state = "LISTEN"  # [inet_listen/start]; requests from before a shutdown still count
        self.listener.limit = min(u32(backlog), self.sysctl[SOMAXCONN])  # [sys_listen/backlog-above-somaxconn]

    def _checked_syn_retries(self) -> int | None:
        if self._syn_retries is None or 1 <= self._syn_retries <= 127:
            return self._syn_retries
        self.setup_errors["TCP_SYNCNT"] = "EINVAL"  # [do_tcp_setsockopt/syncnt-out-of-range]
        return None

    def accept(self) -> int:
        """The peer whose connection it is."""
        listener = self._descriptor()
        if listener.state != "LISTEN":
            raise Errno("EINVAL")  # [inet_csk_accept/not-listening]
        if not listener.accept_queue:
            raise Errno("EAGAIN")  # [inet_csk_accept/queue-empty]
        connection = listener.accept_queue.popleft()  # [inet_csk_accept/oldest-first]
        connection.accepted = True
        return connection.peer

    def shutdown(self, how: str) -> None:
        listener = self._descriptor()
        if listener.state != "LISTEN":
            raise Errno("ENOTCONN")  # [inet_shutdown/not-connected]
        if how != "SHUT_WR":
            self._stop_listening(listener)  # [inet_shutdown/listener]

    def close(self) -> None:
        listener = self._descriptor()
        self._stop_listening(listener)
        self.listener = None

    def reset_connection(self, peer: int) -> None:
        """Closes an accepted connection with SO_LINGER at 0 [tcp_close/linger-zero]."""
        connection = self.connections.get(peer)
        if connection is None or not connection.accepted:
            raise Errno("EBADF")
        self.count("TCPAbortOnData")
        self._give_up(connection)

    def _descriptor(self) -> Listener:
        if self.listener is None:
            raise Errno("EBADF")
        return self.listener

    def _stop_listening(self, listener: Listener) -> None:
        """Requests stay until their timer fires or a segment meets them."""
        listener.state = "CLOSE"
        while listener.accept_queue:
            self._give_up(listener.accept_queue.popleft())  # [inet_csk_listen_stop/reset-child]

    def _give_up(self, connection: Connection) -> None:
        """[tcp_disconnect/reset]"""
        del self.connections[connection.peer]
        self.count("EstabResets", "OutRsts")
        self._send(connection.peer, {"RST", "ACK"}, connection.seq, connection.ack)

    # Time

    def wait(self, duration: int) -> None:
        end = self.time + duration
        for jiffy, timer in self.wheel.due(FIRST_JIFFY + end // JIFFY):
            self.time = (jiffy - FIRST_JIFFY) * JIFFY
            timer.fire()
        self.time = end

    def _time_out(self, request: Request) -> None:
        listener = request.listener
        if listener.state != "LISTEN":
            self._drop(request)  # [reqsk_timer_handler/listener-gone]
            return
        self.count("TCPTimeouts")
        if request.timeouts >= self._timeouts_allowed(listener):
            self._drop(request)  # [syn_ack_recalc/expire]
            return
        self._send_synack(request)  # [syn_ack_recalc/resend]
        self.count("RetransSegs", "TCPSynRetrans")
        if request.timeouts == 0:
            listener.young -= 1
        request.timeouts += 1
        self._arm(request)

    def _timeouts_allowed(self, listener: Listener) -> int:
        """[reqsk_timer_handler/half-full]"""
        allowed = self.sysctl[SYNACK_RETRIES] if listener.syn_retries is None else listener.syn_retries
        if 2 * listener.requests > max(PRUNE_MIN_LIMIT, listener.limit):
            young = 2 * listener.young
            while allowed > 2 and young <= listener.requests:
                allowed -= 1
                young *= 2
        return allowed

    def _arm(self, request: Request) -> None:
        self.wheel.arm(request.timer, self.jiffy, min(TIMEOUT_INIT << request.timeouts, RTO_MAX))

    def _drop(self, request: Request) -> None:
        self.wheel.disarm(request.timer)
        request.listener.requests -= 1
        if request.timeouts == 0:
            request.listener.young -= 1
        del self.requests[request.peer]

    # Segments

    def _send(self, peer: int, flags: set[str], seq: int, ack: int | None = None) -> None:
        self.count("OutSegs")
        self.sent.append(Segment(peer, frozenset(flags), u32(seq), ack, self.time))

    def _send_synack(self, request: Request) -> None:
        self._send(request.peer, {"SYN", "ACK"}, request.isn, u32(request.peer_isn + 1))

    def _send_reset(self, cause: Segment) -> None:
        if "RST" in cause.flags:
            return  # [tcp_v4_send_reset/never-for-a-reset]
        self.count("OutRsts")
        if cause.ack is not None:
            self._send(cause.peer, {"RST"}, cause.ack)  # [tcp_v4_send_reset/for-an-ack]
        else:
            self._send(cause.peer, {"RST", "ACK"}, 0, cause.end)  # [tcp_v4_send_reset/for-no-ack]

    def receive(self, segment: Segment) -> None:
        self.count("InSegs")
        if segment.peer in self.connections:
            raise NotImplementedError("segments after the handshake are not modelled")
        request = self.requests.get(segment.peer)
        if request is not None and request.listener.state != "LISTEN":
            self._drop(request)  # [tcp_v4_rcv/listener-gone]
            request = None
        if request is not None and not self._for_request(request, segment):
            return
        listener = self.listening()
        if listener is None:
            self._send_reset(segment)  # [tcp_v4_rcv/no-socket]
        else:
            self._for_listener(listener, segment)

    def _for_listener(self, listener: Listener, segment: Segment) -> None:
        flags = segment.flags
        if "ACK" in flags:
            self._send_reset(segment)  # [tcp_rcv_state_process/listen-ack]
        elif "SYN" in flags and not flags & {"RST", "FIN"}:
            self._for_syn(listener, segment)
        # All else is ignored: [tcp_rcv_state_process/listen-reset], listen-syn-fin, listen-other.

    def _for_syn(self, listener: Listener, syn: Segment) -> None:
        most = self.sysctl[MAX_SYN_BACKLOG]
        if listener.syn_queue_is_full():  # [tcp_conn_request/syn-queue-full]
            self.count("TCPReqQFullDrop", "ListenDrops")
        elif listener.accept_queue_is_full():  # [tcp_conn_request/accept-queue-full]
            self.count("ListenOverflows", "ListenDrops")
        elif not self.sysctl[SYNCOOKIES] and i32(most - listener.requests) < most >> 2:
            self.count("ListenDrops")  # [tcp_conn_request/last-quarter]
        else:  # [tcp_conn_request/synack]
            isn = self._random.getrandbits(32)
            request = Request(listener, syn.peer, syn.seq, isn, Timer(lambda: self._time_out(request)))
            self.requests[syn.peer] = request
            listener.requests += 1
            listener.young += 1
            self._arm(request)
            self._send_synack(request)

    def _for_request(self, request: Request, segment: Segment) -> bool:
        """What becomes of a segment from the peer of a request. Returns whether it goes on to the listener."""
        flags = segment.flags
        expected = u32(request.peer_isn + 1)
        if segment.seq == request.peer_isn and flags & {"SYN", "RST", "ACK"} == {"SYN"}:
            if self._may_answer(request, segment):  # [tcp_check_req/duplicate-syn]
                self._send_synack(request)
                self.count("RetransSegs", "TCPSynRetrans")
                self._arm(request)
        elif segment.ack is not None and segment.ack != u32(request.isn + 1):
            return True  # [tcp_check_req/bad-ack]
        elif not self._in_window(segment, expected):
            # [tcp_check_req/out-of-window], [tcp_check_req/reset-out-of-window]
            if "RST" not in flags and self._may_answer(request, segment):
                self._send(request.peer, {"ACK"}, request.isn + 1, expected)
        elif "RST" in flags or ("SYN" in flags and segment.seq != request.peer_isn):
            # [tcp_check_req/reset], [tcp_check_req/syn-in-window]
            self.count("AttemptFails")
            self._end(request, segment)
        elif "ACK" in flags:
            self._for_last_ack(request, segment)
        return False  # without ACK it is ignored [tcp_check_req/no-ack]

    def _for_last_ack(self, request: Request, segment: Segment) -> None:
        listener = request.listener
        if listener.accept_queue_is_full():  # [tcp_v4_syn_recv_sock/accept-queue-full]
            self.count("ListenOverflows", "ListenDrops")
            if self.sysctl[ABORT_ON_OVERFLOW]:
                self._end(request, segment)  # [tcp_check_req/overflow-aborted]
            return  # [tcp_check_req/overflow-ignored]
        self._drop(request)  # [tcp_check_req/handshake-complete]
        connection = Connection(request.peer, u32(request.isn + 1), u32(request.peer_isn + 1))
        self.connections[request.peer] = connection
        listener.accept_queue.append(connection)
        self.count("PassiveOpens", "TCPPureAcks")  # [tcp_v4_syn_recv_sock/child], [tcp_ack/pure]

    def _end(self, request: Request, cause: Segment) -> None:
        self._send_reset(cause)
        self._drop(request)
        self.count("EmbryonicRsts")

    def _in_window(self, segment: Segment, start: int) -> bool:
        """Whether any of it lies in the window, or it is empty and at one of its edges."""
        end = u32(start + WINDOW)
        if segment.seq == start:
            return True
        if after(segment.end, start) and after(end, segment.seq):
            return True
        return segment.seq == segment.end == end

    def _may_answer(self, request: Request, segment: Segment) -> bool:
        """Not twice in half a second, but to a lone FIN always [tcp_check_req/duplicate-syn-rate-limited]."""
        if "FIN" in segment.flags and "SYN" not in segment.flags:
            return True
        if request.answered is not None and self.jiffy - request.answered < ANSWER_EVERY:
            self.count("TCPACKSkippedSynRecv")
            return False
        request.answered = self.jiffy
        return True

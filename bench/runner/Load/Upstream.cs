using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Bench.Load;

/// <summary>
/// Chat completions over bare sockets. A whole answer is one prepared write. A stream sends 20 chunks a second, each carrying the
/// moment it was written, so that whoever reads it at the far end knows how long it was under way.
/// </summary>
internal static class Upstream
{
    private const int TicksPerChunk = 50; // milliseconds
    private static readonly byte[] s_whole = Whole();
    private static readonly byte[] s_streamHead = StreamHead();
    private static readonly byte[] s_streamEnd = StreamEnd();
    private static readonly List<LiveStream>[] s_due = [.. Enumerable.Range(0, TicksPerChunk).Select(static _ => new List<LiveStream>())];
    private static int s_next;

    public static async Task RunAsync(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        new Thread(Pace) { IsBackground = true, Name = "pace" }.Start();
        Console.WriteLine("ready");
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = ServeAsync(socket);
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[16 * 1024];
            var filled = 0;
            try
            {
                while (true)
                {
                    var read = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                    var (length, chunks) = Request(buffer.AsSpan(0, filled));
                    if (length == 0)
                    {
                        continue;
                    }

                    buffer.AsSpan(length, filled - length).CopyTo(buffer);
                    filled -= length;
                    if (chunks == 0)
                    {
                        await socket.SendAsync(s_whole, SocketFlags.None);
                    }
                    else
                    {
                        await StreamAsync(socket, chunks);
                    }
                }
            }
            catch (SocketException)
            {
                // The other side left.
            }
        }
    }

    /// <summary>Length of the first request in the buffer, 0 when it is not whole; and how many chunks are wanted, 0 for a whole answer.</summary>
    private static (int Length, int Chunks) Request(ReadOnlySpan<byte> data)
    {
        var head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return default;
        }

        var body = data[(head + 4)..];
        var size = Number(data[..head], "ontent-Length: "u8) ?? Number(data[..head], "ontent-length: "u8);
        var length = size ?? (body.IndexOf("0\r\n\r\n"u8) is var end and >= 0 ? end + 5 : -1);
        if (length < 0 || body.Length < length)
        {
            return default;
        }

        var streams = body.IndexOf("\"stream\":true"u8) >= 0 || body.IndexOf("\"stream\": true"u8) >= 0;
        return (head + 4 + length, streams ? Number(body, "chunks="u8) ?? 200 : 0);
    }

    private static int? Number(ReadOnlySpan<byte> data, ReadOnlySpan<byte> after)
    {
        var at = data.IndexOf(after);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(data[(at + after.Length)..], out int number, out _) ? number : null;
    }

    private static async Task StreamAsync(Socket socket, int chunks)
    {
        await socket.SendAsync(s_streamHead, SocketFlags.None);
        var stream = new LiveStream(socket, chunks);
        var slot = s_due[Interlocked.Increment(ref s_next) % TicksPerChunk];
        lock (slot)
        {
            slot.Add(stream);
        }

        await stream.Done.Task;
        await socket.SendAsync(s_streamEnd, SocketFlags.None);
    }

    /// <summary>One thread writes to all streams: each millisecond to a fiftieth of them.</summary>
    private static void Pace()
    {
        using var wait = new ManualResetEventSlim();
        var start = Stopwatch.GetTimestamp();
        for (long tick = 0; ; tick++)
        {
            var ahead = tick - (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (ahead > 0)
            {
                wait.Wait((int)ahead);
            }

            var slot = s_due[tick % TicksPerChunk];
            lock (slot)
            {
                slot.RemoveAll(static stream => stream.Step());
            }
        }
    }

    private static byte[] Whole()
    {
        const string Body = """{"id":"c","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"Hello Bo, nice to meet you."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}""";
        return Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
    }

    private static byte[] StreamHead()
    {
        const string First = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
        return Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{First.Length:x}\r\n{First}\r\n");
    }

    private static byte[] StreamEnd()
    {
        const string Last = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
            + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}}\n\ndata: [DONE]\n\n";
        return Encoding.UTF8.GetBytes($"{Last.Length:x}\r\n{Last}\r\n0\r\n\r\n");
    }

    private sealed class LiveStream(Socket socket, int chunks)
    {
        private readonly byte[] _frame = new byte[256];
        private int _left = chunks;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Sends the next chunk; true when it was the last, or nobody reads any more.</summary>
        public bool Step()
        {
            try
            {
                socket.Send(_frame.AsSpan(0, Fill(Stopwatch.GetTimestamp())));
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                _left = 1;
            }

            if (--_left > 0)
            {
                return false;
            }

            Done.SetResult();
            return true;
        }

        private int Fill(long now)
        {
            const string Format = "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"@{0:D19} \"}},\"finish_reason\":null}}]}}\n\n";
            var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, Format, now);
            return Encoding.UTF8.GetBytes($"{text.Length:x}\r\n{text}\r\n", _frame);
        }
    }
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Bench.Load;

/// <summary>Many callers of a streaming flow at once; measures from the provider's write to the caller's read.</summary>
internal static class StreamLoad
{
    private const int StampDigits = 19;

    public static async Task<string> RunAsync(Uri url, int count, int chunks)
    {
        var body = $$$"""{"data":{"name":"chunks={{{chunks}}}"}}""";
        var request = Encoding.UTF8.GetBytes($"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAccept: text/event-stream\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        var began = Stopwatch.GetTimestamp();
        var readers = Enumerable.Range(0, count).Select(_ => ReadAsync(url, request, chunks)).ToArray();
        var results = await Task.WhenAll(readers);
        var delays = Sorted(results.SelectMany(static result => result.Chunks));
        var settled = Sorted(results.SelectMany(static result => result.Chunks).Where(chunk => chunk.Sent - began > Stopwatch.Frequency));
        var finished = results.Count(static result => result.Finished);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"streams":{{count}},"finished":{{finished}},"chunks":{{delays.Length}},"seconds":{{Stopwatch.GetElapsedTime(began).TotalSeconds:F1}},"p50":{{At(delays, 0.5):F2}},"p99":{{At(delays, 0.99):F2}},"p999":{{At(delays, 0.999):F2}},"max":{{At(delays, 1):F2}},"settledP99":{{At(settled, 0.99):F2}}}
            """);
    }

    private static long[] Sorted(IEnumerable<Chunk> chunks)
    {
        var delays = chunks.Select(static chunk => chunk.Delay).ToArray();
        Array.Sort(delays);
        return delays;
    }

    private static double At(long[] delays, double quantile) =>
        delays.Length == 0 ? double.NaN : delays[Math.Min(delays.Length - 1, (int)(quantile * delays.Length))] * 1000.0 / Stopwatch.Frequency;

    private static async Task<(List<Chunk> Chunks, bool Finished)> ReadAsync(Uri url, byte[] request, int chunks)
    {
        var delays = new List<Chunk>(chunks);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, url.Port);
            await socket.SendAsync(request, SocketFlags.None);
            var buffer = new byte[16 * 1024];
            var kept = 0;
            var finished = false;
            while (await socket.ReceiveAsync(buffer.AsMemory(kept), SocketFlags.None) is var read and > 0)
            {
                var now = Stopwatch.GetTimestamp();
                var data = buffer.AsSpan(0, kept + read);
                if (finished)
                {
                    kept = 0;
                    continue;
                }

                // The result repeats what the chunks held.
                var end = data.IndexOf("\"result\""u8);
                finished = end >= 0;
                kept = Collect(finished ? data[..end] : data, now, delays);
                data[^kept..].CopyTo(buffer);
            }

            return (delays, finished && delays.Count == chunks);
        }
        catch (SocketException)
        {
            return (delays, false);
        }
    }

    /// <summary>Notes each stamp; returns how many bytes at the end may be the beginning of another.</summary>
    private static int Collect(ReadOnlySpan<byte> data, long now, List<Chunk> delays)
    {
        while (data.IndexOf((byte)'@') is var at and >= 0)
        {
            var stamp = data[(at + 1)..];
            if (stamp.Length < StampDigits)
            {
                return stamp.Length + 1;
            }

            if (Utf8Parser.TryParse(stamp[..StampDigits], out long sent, out var digits) && digits == StampDigits)
            {
                delays.Add(new Chunk(sent, now - sent));
            }

            data = stamp[StampDigits..];
        }

        return 0;
    }

    /// <param name="Sent">When the provider wrote it.</param>
    /// <param name="Delay">How long it was under way; both in ticks of the stopwatch.</param>
    private readonly record struct Chunk(long Sent, long Delay);
}

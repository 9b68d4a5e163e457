using System.Buffers.Text;
using System.Diagnostics;

namespace Portal.ApiServer.Bench;

/// <summary>200 watchers of one collection, every one of which sees each of 500 writes a second.</summary>
internal static class WatchBench
{
    private const int Watchers = 200;
    private const int Writers = 10;
    private const int Rate = 500;
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(DirectoryInfo data, Report report)
    {
        await using var server = await EmbeddedServer.StartAsync(data, "watch.db");
        for (var writer = 0; writer < Writers; writer++)
        {
            await Objects.SendAsync(server.Http, HttpMethod.Post, Objects.Collection, Objects.ConfigMap($"watched-{writer}"));
        }

        // The first seconds are the runtime's: they are not counted.
        await MeasureAsync(server, TimeSpan.FromSeconds(3));
        var (delays, written, seconds) = await MeasureAsync(server, s_duration);
        delays.Sort();
        report.Add("200 watchers: writes", written / seconds, Rate * 0.98, "/s", atMost: false, "offered 500 /s, durable");
        report.Add(
            "200 watchers, 500 writes/s: p99 event delay", delays[delays.Count * 99 / 100], 50, "ms", atMost: true,
            $"from before the write is sent to the event read; median {delays[delays.Count / 2]:0.0} ms, {delays.Count / seconds:#,0} events/s, server and clients in one process");
        report.Add("200 watchers: events that arrived", (double)delays.Count / (written * Watchers), 1, "of all", atMost: false);
    }

    private static async Task<(List<double> Delays, int Written, double Seconds)> MeasureAsync(EmbeddedServer server, TimeSpan duration)
    {
        var readers = new List<Reader>();
        for (var index = 0; index < Watchers; index++)
        {
            readers.Add(await Reader.OpenAsync(server.Http));
        }

        var written = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var count = 0; ; count++)
            {
                var due = TimeSpan.FromSeconds((double)(count * Writers + writer) / Rate);
                if (due >= duration)
                {
                    return;
                }

                if (due > clock.Elapsed)
                {
                    await Task.Delay(due - clock.Elapsed, TimeProvider.System);
                }

                await Objects.SendAsync(
                    server.Http, HttpMethod.Patch, $"{Objects.Collection}/watched-{writer}", $$$"""{"data":{"sent":"{{{Stopwatch.GetTimestamp()}}}"}}""", "application/merge-patch+json");
                Interlocked.Increment(ref written);
            }
        })));
        var seconds = clock.Elapsed.TotalSeconds;
        var delays = new List<double>();
        foreach (var reader in readers)
        {
            delays.AddRange(await reader.FinishAsync(written));
        }

        return (delays, written, seconds);
    }

    /// <summary>Reads one watch as bytes, so that the server is measured and not a JSON parser.</summary>
    private sealed class Reader(HttpResponseMessage response, Stream stream)
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

        private readonly List<double> _delays = [];
        private Task _reading = Task.CompletedTask;

        public static async Task<Reader> OpenAsync(HttpClient http)
        {
            var list = await http.GetByteArrayAsync(new Uri($"{Objects.Collection}?limit=1", UriKind.Relative));
            var version = System.Text.Encoding.ASCII.GetString(list.AsSpan()[(list.AsSpan().IndexOf("\"resourceVersion\":\""u8) + 19)..]).Split('"')[0];
            var response = await http.GetAsync(
                new Uri($"{Objects.Collection}?watch=true&resourceVersion={version}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            var reader = new Reader(response, await response.Content.ReadAsStreamAsync());
            reader._reading = Task.Run(reader.ReadAsync);
            return reader;
        }

        public async Task<IReadOnlyList<double>> FinishAsync(int expected)
        {
            var clock = Stopwatch.StartNew();
            while (Volatile.Read(ref _count) < expected && clock.Elapsed < s_patience && !_reading.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            response.Dispose();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return _delays;
        }

        private int _count;

        private async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            var held = 0;
            while (await stream.ReadAsync(buffer.AsMemory(held)) is var read and > 0)
            {
                held += read;
                held = Take(buffer, held);
            }
        }

        /// <summary>Counts the whole lines and moves the rest to the front; returns its length.</summary>
        private int Take(byte[] buffer, int held)
        {
            var now = Stopwatch.GetTimestamp();
            var rest = buffer.AsSpan(0, held);
            for (var end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
            {
                var line = rest[..end];
                var at = line.IndexOf("\"sent\":\""u8);
                if (at >= 0 && Utf8Parser.TryParse(line[(at + 8)..], out long sent, out _))
                {
                    _delays.Add(Stopwatch.GetElapsedTime(sent, now).TotalMilliseconds);
                    Interlocked.Increment(ref _count);
                }

                rest = rest[(end + 1)..];
            }

            rest.CopyTo(buffer);
            return rest.Length;
        }
    }
}

using System.Globalization;
using Portal.ApiServer.Storage;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>A process that writes until it is killed, and says a line for each write that the log acknowledged: revision, key, value.</summary>
internal static class DoomedWriter
{
    public const string Resource = "/configmaps";

    public static async Task RunAsync(string path, int seed)
    {
        using var log = RevisionLog.Open(path, TimeProvider.System);
        using var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(log, output, new Random(seed + writer)))));
    }

    private static async Task WriteAsync(RevisionLog log, TextWriter output, Random random)
    {
        for (var count = 0; ; count++)
        {
            var key = new ObjectKey(Resource, "ns", $"o{random.Next(12)}");
            var value = $"{random.Next()}{new string('x', random.Next(6_000))}";
            var written = log.Find(key) switch
            {
                null => await log.CreateAsync(key, RevisionLogTests.Json(key.Name, value)),
                var stored when random.Next(5) == 0 => await log.DeleteAsync(stored, RevisionLogTests.Json(key.Name, value)),
                var stored => await log.UpdateAsync(stored, RevisionLogTests.Json(key.Name, value)),
            };
            if (written is not null)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{written.Revision} {key.Name} {value}"));
            }

            if (count % 50 == 49)
            {
                log.CompactKeeping(400);
            }
        }
    }
}

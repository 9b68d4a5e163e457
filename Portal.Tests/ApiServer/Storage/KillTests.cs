using System.Diagnostics;
using System.Globalization;
using Portal.ApiServer.Storage;
using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>A writing process is killed again and again, wherever it happens to be; the files go on from there each time.</summary>
public sealed class KillTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kill-");
    private readonly int _seed = TestMode.Seed;

    private string DatabasePath => Path.Combine(_directory.FullName, "cluster.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Kill_AnyTime_LosesNoAcknowledgedWrite()
    {
        var random = new Random(_seed);
        for (var round = 0; round < (TestMode.IsLong ? 300 : 6); round++)
        {
            var acknowledged = await WriteAndKillAsync(round, random.Next(1, 200));
            using var log = RevisionLog.Open(DatabasePath, TimeProvider.System);
            Check(log, acknowledged);
        }
    }

    /// <summary>Kills the writer after so many acknowledgements; returns all it gave, those that came meanwhile included.</summary>
    private async Task<List<string>> WriteAndKillAsync(int round, int after)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
        };
        string[] arguments = ["exec", typeof(KillTests).Assembly.Location, "revision-log", DatabasePath, $"{_seed + round * 10}"];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var acknowledged = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            acknowledged.Add(line);
            if (acknowledged.Count == after)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        Assert.True(acknowledged.Count >= after, $"seed {_seed}: the writer ended by itself after {acknowledged.Count}");

        // A line that was cut by the kill acknowledged nothing yet to anyone who reads whole lines.
        return acknowledged[..^1];
    }

    private void Check(RevisionLog log, List<string> acknowledged)
    {
        var mark = log.CompactedRevision;
        var history = log.WatchFrom(null, mark).Backlog;
        var byNumber = history.ToDictionary(revision => revision.Number);
        foreach (var line in acknowledged)
        {
            var parts = line.Split(' ');
            var number = long.Parse(parts[0], CultureInfo.InvariantCulture);
            if (number > mark)
            {
                Assert.True(byNumber.TryGetValue(number, out var revision), $"seed {_seed}: acknowledged revision {number} is gone");
                Assert.Equal(parts[1], revision.Object.Key.Name);
                Assert.Equal(parts[2], (string?)revision.Object.Json["data"]!["n"]);
            }
        }

        // No torn object, and the present state is what the history comes to.
        Assert.All(history, revision => Assert.Equal($"{revision.Number}", (string?)revision.Object.Json["metadata"]!["resourceVersion"]));
        var state = StorageState.Load(mark, mark > 0 ? log.SnapshotAt(DoomedWriter.Resource, null, mark).Objects : []);
        foreach (var revision in history)
        {
            Assert.Equal(state.Find(revision.Object.Key)?.Revision, revision.Previous?.Revision);
            state = state.With(revision);
        }

        Assert.Equal(
            state.Objects(DoomedWriter.Resource).Values.Select(stored => (stored.Key, stored.Revision)),
            log.Snapshot(DoomedWriter.Resource).Objects.Select(stored => (stored.Key, stored.Revision)));
    }
}

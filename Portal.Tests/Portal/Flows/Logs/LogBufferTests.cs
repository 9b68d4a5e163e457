using Portal.Features.Flows.Logs;

namespace Portal.Tests.Portal.Flows.Logs;

public class LogBufferTests
{
    private const int Most = LogBuffer.ChunkSize * LogBuffer.MaxChunks;

    private readonly LogBuffer _buffer = new();

    [Fact]
    public void Add_MoreThanIsKept_DropsTheOldestAndCountsThem()
    {
        Add(0, Most + 500);

        var lines = Lines();
        Assert.InRange(lines.Count, Most - LogBuffer.ChunkSize, Most);
        Assert.Equal($"{Most + 499}", lines[^1]);
        Assert.Equal(Most + 500, lines.Count + _buffer.Dropped);
    }

    [Fact]
    public void Chunks_AfterMoreLines_AreTheSameObjectsWhereTheyAreFull()
    {
        Add(0, LogBuffer.ChunkSize * 3 + 1);
        var before = _buffer.Chunks();
        Add(0, 10);

        var after = _buffer.Chunks();
        Assert.Equal(before.Take(3), after.Take(3), ReferenceEqualityComparer.Instance);
        Assert.Equal(before.Select(chunk => chunk.Id), after.Select(chunk => chunk.Id));
        Assert.Single(before[3].Lines);
        Assert.Equal(11, after[3].Lines.Count);
    }

    [Fact]
    public void IsPaused_WhileLinesCome_HoldsThemBackThenShowsThem()
    {
        Add(0, 2);
        _buffer.IsPaused = true;
        Add(2, 3);
        Assert.Equal((2, 3), (Lines().Count, _buffer.Held));

        _buffer.IsPaused = false;

        Assert.Equal(["0", "1", "2", "3", "4"], Lines());
        Assert.Equal(0, _buffer.Held);
    }

    [Fact]
    public void IsPaused_ForLong_StaysBounded()
    {
        _buffer.IsPaused = true;
        Add(0, Most + 7);

        Assert.Equal((Most, 7L), (_buffer.Held, _buffer.Dropped));
    }

    private void Add(int from, int count)
    {
        for (var number = from; number < from + count; number++)
        {
            _buffer.Add(new LogEntry(LogLevelFilter.Info, $"{number}"));
        }
    }

    private List<string> Lines() => [.. _buffer.Chunks().SelectMany(chunk => chunk.Lines).Select(line => line.Text)];
}

using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tests.Portal.Data;

public sealed class PortalDatabaseTests : IDisposable
{
    private readonly TestDatabase _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Open_Again_KeepsWhatWasWritten()
    {
        var milestone = new Milestone { Name = "run", At = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc) };
        await _test.Database.WriteAsync(context => context.Milestones.AddAsync(milestone).AsTask(), default);

        using var again = _test.Open();
        var found = await again.ReadAsync(context => context.Milestones.SingleAsync());

        Assert.Equal(("run", DateTimeKind.Utc), (found.Name, found.At.Kind));
    }

    [Fact]
    public async Task EveryTable_RoundTrips_AllItsColumns()
    {
        var time = new DateTime(2030, 1, 1, 1, 2, 3, DateTimeKind.Utc).AddTicks(1234560);
        await _test.Database.WriteAsync(
            async context =>
            {
                await context.Drafts.AddAsync(new Draft { Namespace = "n", Name = "p", Content = "c", BaseContent = "b", UpdatedAt = time });
                await context.Publications.AddAsync(new Publication
                {
                    Id = "1",
                    Namespace = "n",
                    Name = "p",
                    Content = "c",
                    Description = "d",
                    Force = true,
                    State = PublicationState.Pending,
                    RequestedAt = time,
                    FinishedAt = time,
                    Message = "m",
                    Uid = "u",
                    Generation = 3,
                    ResourceVersion = "7",
                });
                await context.Runs.AddAsync(new RunRow
                {
                    Id = "r",
                    Namespace = "n",
                    Prompt = "p",
                    Input = "{}",
                    State = "Completed",
                    StartedAt = time,
                    CostMicros = 5,
                    InputTokens = 1,
                    FirstTokenMilliseconds = 9
                });
            },
            default);

        Assert.Equal(time, (await _test.Database.ReadAsync(context => context.Drafts.SingleAsync())).UpdatedAt);
        var publication = await _test.Database.ReadAsync(context => context.Publications.SingleAsync());
        Assert.Equal((PublicationState.Pending, 3L, true), (publication.State, publication.Generation!.Value, publication.Force));
        Assert.Equal(5, (await _test.Database.ReadAsync(context => context.Runs.SingleAsync(run => run.StartedAt >= time))).CostMicros);
    }

    [Fact]
    public async Task WriteAsync_ManyAtOnce_LosesNone()
    {
        var first = new Draft { Namespace = "n", Name = "p", Content = "0", UpdatedAt = DateTime.UnixEpoch };
        await _test.Database.WriteAsync(context => context.Drafts.AddAsync(first).AsTask(), default);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _test.Database.WriteAsync(
            async context =>
            {
                var draft = await context.Drafts.SingleAsync();
                draft.Content = (int.Parse(draft.Content, System.Globalization.CultureInfo.InvariantCulture) + 1)
                    .ToString(System.Globalization.CultureInfo.InvariantCulture);
            },
            default))));

        Assert.Equal("20", (await _test.Database.ReadAsync(context => context.Drafts.SingleAsync())).Content);
    }

    [Fact]
    public async Task Times_FinerThanAMicrosecond_AreCutOnEveryDatabase()
    {
        var time = new DateTime(2030, 1, 1, 1, 2, 3, DateTimeKind.Utc).AddTicks(1234567);
        var saved = new Milestone { Name = "run", At = time };
        await _test.Database.WriteAsync(context => context.Milestones.AddAsync(saved).AsTask(), default);

        Assert.Equal(time.AddTicks(-7), saved.At);
        Assert.Equal(time.AddTicks(-7), (await _test.Database.ReadAsync(context => context.Milestones.SingleAsync(item => item.At == time))).At);
    }

    [Fact]
    public async Task Texts_ThatAreNoTextEverywhere_AreKept()
    {
        var name = "nul\0 half\ud83d";
        await _test.Database.WriteAsync(context => context.Milestones.AddAsync(new Milestone { Name = name, At = DateTime.UnixEpoch }).AsTask(), default);

        var found = await _test.Database.ReadAsync(context => context.Milestones.SingleAsync(item => item.Name == name));

        Assert.StartsWith("nul", found.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_OnEveryDatabase_AreInTheOrderOfTheirBytes()
    {
        string[] names = ["a", "B", "á", "_", "Z", "😀", "ﬀ", "1"];
        await _test.Database.WriteAsync(context => context.Milestones.AddRangeAsync(names.Select(name => new Milestone { Name = name, At = DateTime.UnixEpoch })), default);

        Assert.Equal(["1", "B", "Z", "_", "a", "á", "ﬀ", "😀"], await _test.Database.ReadAsync(context => context.Milestones.OrderBy(item => item.Name).Select(item => item.Name).ToListAsync()));
    }
}

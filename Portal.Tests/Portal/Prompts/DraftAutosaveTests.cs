using Portal.Data;
using Portal.Features.Prompts;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prompts;

public sealed class DraftAutosaveTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly DraftStore _store;

    public DraftAutosaveTests() => _store = new DraftStore(_test.Database, _test.Audit, _clock);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Edit_AfterThePause_IsSavedOnce()
    {
        await using var autosave = New("published");
        var saves = 0;
        _store.Changed += (_, _) => saves++;

        autosave.Edit("published!");
        _clock.Advance(DraftAutosave.Pause / 2);
        autosave.Edit("published!!");
        Assert.Equal(DraftState.Saving, autosave.State);
        Assert.Null(await FindAsync());

        await SavedAsync(autosave, () => _clock.Advance(DraftAutosave.Pause));

        Assert.Equal(("published!!", "published", 1), ((await FindAsync())!.Content, (await FindAsync())!.BaseContent, saves));
    }

    [Fact]
    public async Task Edit_BackToThePublishedText_RemovesTheDraft()
    {
        await using var autosave = New("published");
        autosave.Edit("other");
        await autosave.FlushAsync();

        autosave.Edit("published");
        await autosave.FlushAsync();

        Assert.Equal(DraftState.Clean, autosave.State);
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Edit_AfterAnotherPageSaved_IsAConflictAndLosesNeitherText()
    {
        await using var autosave = New("published");
        autosave.Edit("mine");
        await autosave.FlushAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _store.SaveAsync(TestUsers.Administrator(), "n", "p", "theirs", "published", DateTime.MaxValue, default);

        autosave.Edit("mine too");
        await autosave.FlushAsync();

        Assert.Equal((DraftState.Conflict, "mine too"), (autosave.State, autosave.Text));
        Assert.Equal("theirs", (await FindAsync())!.Content);

        await autosave.KeepMineAsync("published");

        Assert.Equal((DraftState.Saved, "mine too"), (autosave.State, (await FindAsync())!.Content));
    }

    [Fact]
    public async Task Settle_PublishedBeforeTheTextWasSaved_TakesTheOlderDraftAway()
    {
        await using var autosave = New("published");
        autosave.Edit("draft");
        await autosave.FlushAsync();
        autosave.Edit("draft, fixed");

        await autosave.SettleAsync("draft, fixed");

        Assert.Equal((DraftState.Clean, "draft, fixed", "draft, fixed"), (autosave.State, autosave.Text, autosave.BaseContent));
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Settle_AnotherTextOrSomebodyElsesDraft_StaysWhatItIs()
    {
        await using var autosave = New("published");
        autosave.Edit("mine");
        await autosave.SettleAsync("other");
        Assert.Equal((DraftState.Saving, "mine"), (autosave.State, autosave.Text));

        await autosave.FlushAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _store.SaveAsync(TestUsers.Administrator(), "n", "p", "theirs", "published", DateTime.MaxValue, default);
        await autosave.SettleAsync("mine");

        Assert.Equal((DraftState.Clean, "theirs"), (autosave.State, (await FindAsync())!.Content));
    }

    [Fact]
    public async Task Dispose_WithUnsavedText_SavesIt()
    {
        var autosave = New(null);
        autosave.Edit("new text");

        await autosave.DisposeAsync();

        Assert.Equal("new text", (await FindAsync())!.Content);
    }

    [Fact]
    public async Task KeepMine_PublishedTextMovedOn_BecomesTheNewBase()
    {
        await using var autosave = New("one");
        autosave.Edit("mine");
        await autosave.FlushAsync();

        await autosave.KeepMineAsync("two");

        Assert.Equal(("mine", "two"), ((await FindAsync())!.Content, (await FindAsync())!.BaseContent));
    }

    [Fact]
    public async Task IsForeign_OwnSavesAndOthers_AreToldApart()
    {
        await using var autosave = New("published");
        autosave.Edit("mine");
        await autosave.FlushAsync();
        Assert.False(autosave.IsForeign(await FindAsync()));

        _clock.Advance(TimeSpan.FromSeconds(1));
        await _store.SaveAsync(TestUsers.Administrator(), "n", "p", "theirs", "published", DateTime.MaxValue, default);
        Assert.True(autosave.IsForeign(await FindAsync()));
    }

    private DraftAutosave New(string? published)
    {
        var autosave = new DraftAutosave(_store, TestUsers.Administrator(), _clock, "n", "p");
        autosave.Load(null, published);
        return autosave;
    }

    private Task<Draft?> FindAsync() => _store.FindAsync("n", "p", default);

    private static async Task SavedAsync(DraftAutosave autosave, Action act)
    {
        var saved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        autosave.Changed += () =>
        {
            if (autosave.State == DraftState.Saved)
            {
                saved.TrySetResult();
            }
        };
        act();
        await saved.Task.WaitAsync(ManualTimeProvider.Patience);
    }
}

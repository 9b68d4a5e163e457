using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Prompts;

public enum DraftState
{
    /// <summary>The text is the published one; there is no draft.</summary>
    Clean,
    Saving,
    Saved,

    /// <summary>Another page saved a different draft; nothing is written until both texts are put together.</summary>
    Conflict,

    /// <summary>Could not be saved; tried again with the next change.</summary>
    Failed,
}

/// <summary>
/// Saves one author's text as the draft after each pause, in order. Text equal to the published one removes the draft. Thread-safe.
/// </summary>
public sealed class DraftAutosave(DraftStore store, CurrentUser user, TimeProvider clock, string @namespace, string name) : IAsyncDisposable
{
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _saving = new(1);
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private DateTime? _lastSeen;
    private string? _savedText;
    private bool _dirty;

    /// <summary>Raised after <see cref="State"/> changed, on any thread.</summary>
    public event Action? Changed;

    public DraftState State { get; private set; } = DraftState.Clean;

    /// <summary>The author's text as last known here.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The published text the draft began from; null when there was none.</summary>
    public string? BaseContent { get; private set; }

    public DateTimeOffset? SavedAt { get; private set; }

    /// <summary>Why saving failed.</summary>
    public string? Problem { get; private set; }

    /// <summary>Begins with what is stored.</summary>
    public void Load(Draft? draft, string? published)
    {
        lock (_lock)
        {
            (_dirty, _lastSeen, _savedText) = (false, draft?.UpdatedAt, draft?.Content);
            BaseContent = draft is null ? published : draft.BaseContent;
            Text = draft?.Content ?? published ?? "";
            SavedAt = draft is null ? null : new DateTimeOffset(draft.UpdatedAt, TimeSpan.Zero);
        }

        Set(draft is null ? DraftState.Clean : DraftState.Saved);
    }

    /// <summary>Takes a new text; it is saved after <see cref="Pause"/>.</summary>
    public void Edit(string text)
    {
        lock (_lock)
        {
            if (text == Text && !_dirty)
            {
                return;
            }

            Text = text;
            _dirty = true;
            _timer ??= clock.CreateTimer(_ => _ = FlushAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }

        if (State != DraftState.Conflict)
        {
            Set(DraftState.Saving);
        }
    }

    /// <summary>Saves now what is not saved yet.</summary>
    public async Task FlushAsync()
    {
        await _saving.WaitAsync();
        try
        {
            if (State != DraftState.Conflict)
            {
                await SaveAsync(_lastSeen);
            }
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>Keeps the author's text over whatever another page saved, and over a published text that has moved on.</summary>
    public async Task KeepMineAsync(string? published)
    {
        await _saving.WaitAsync();
        try
        {
            lock (_lock)
            {
                (BaseContent, _dirty) = (published, true);
            }

            await SaveAsync(DateTime.MaxValue);
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>The author's text was published: neither it nor the draft it was written over is a draft any more. Nothing happens to another text.</summary>
    public async Task SettleAsync(string published)
    {
        await _saving.WaitAsync();
        try
        {
            if (Text == published)
            {
                await store.SettleAsync(@namespace, name, published, _lastSeen, CancellationToken.None);
                Load(null, published);
            }
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>What this author's text and a draft that another page saved both began from.</summary>
    public string CommonText
    {
        get
        {
            lock (_lock)
            {
                return _savedText ?? BaseContent ?? "";
            }
        }
    }

    /// <summary>Goes on with a text that holds both: this author's and a draft that another page saved. It is saved unless a third one came meanwhile.</summary>
    public async Task TakeMergedAsync(Draft theirs, string merged)
    {
        await _saving.WaitAsync();
        try
        {
            lock (_lock)
            {
                (Text, BaseContent, _lastSeen, _savedText, _dirty) = (merged, theirs.BaseContent, theirs.UpdatedAt, theirs.Content, true);
            }

            await SaveAsync(theirs.UpdatedAt);
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>Whether a stored draft is another one than this author's.</summary>
    public bool IsForeign(Draft? stored)
    {
        lock (_lock)
        {
            return stored is not null && stored.UpdatedAt != _lastSeen && stored.Content != Text && stored.Content != _savedText;
        }
    }

    public void MarkConflict() => Set(DraftState.Conflict);

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        if (State == DraftState.Saving)
        {
            await FlushAsync();
        }

        _saving.Dispose();
    }

    private async Task SaveAsync(DateTime? lastSeen)
    {
        string text;
        string? published;
        lock (_lock)
        {
            if (!_dirty)
            {
                return;
            }

            (text, published) = (Text, BaseContent);
        }

        try
        {
            if (text == published)
            {
                await store.DiscardAsync(user, @namespace, name, CancellationToken.None);
                Done(null, text);
                return;
            }

            if (await store.SaveAsync(user, @namespace, name, text, published, lastSeen, CancellationToken.None) is { } saved)
            {
                Done(saved, text);
            }
            else
            {
                Set(DraftState.Conflict);
            }
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException or AccessDeniedException)
        {
            Problem = (exception.InnerException ?? exception).Message;
            Set(DraftState.Failed);
        }
    }

    private void Done(Draft? saved, string text)
    {
        bool more;
        lock (_lock)
        {
            (_lastSeen, _savedText, Problem) = (saved?.UpdatedAt, saved?.Content, null);
            SavedAt = saved is null ? null : new DateTimeOffset(saved.UpdatedAt, TimeSpan.Zero);
            more = Text != text;
            _dirty = more;
        }

        Set(more ? DraftState.Saving : saved is null ? DraftState.Clean : DraftState.Saved);
    }

    private void Set(DraftState state)
    {
        State = state;
        Changed?.Invoke();
    }
}

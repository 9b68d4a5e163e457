using System.Collections.Concurrent;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Exchange.Reading;
using Portal.Features.Prompts;

namespace Portal.Features.Exchange;

/// <summary>
/// Imports of prompts. Each prompt becomes a draft, older versions become revisions where there are none; nothing is ever published. An import belongs to no
/// page: it goes on when the browser goes away, can be stopped between two prompts, and doing it twice does nothing the second time.
/// </summary>
internal sealed partial class PromptImports(
    ImportStore store, ImportWriter writer, PromptCatalog catalog, DraftStore drafts, AccessPolicy policy, ILogger<PromptImports> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Job> _running = new();

    /// <summary>Raised with the id while an import proceeds, and when it has ended; on any thread.</summary>
    public event Action<string>? Changed;

    /// <summary>Reads files and proposes what to do with each prompt; writes nothing but that.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public async Task<PromptImport> PrepareAsync(
        CurrentUser user, string @namespace, IReadOnlyList<SourceFile> files, PromptFormat? format, ConflictRule rule, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        var found = await Task.Run(() => PromptReader.Read(files, format, @namespace), cancellationToken);
        var there = await DraftsAsync(@namespace, cancellationToken);
        var (items, taken) = (new List<PromptImportItem>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var prompt in found)
        {
            items.Add(ImportProposal.Of(prompt, items.Count, rule, name => ImportTarget.Of(catalog, there, @namespace, name), taken));
        }

        var id = await store.AddAsync(user.Actor, @namespace, items, cancellationToken);
        return (await store.FindAsync(@namespace, id, cancellationToken))!;
    }

    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public Task<PromptImport?> FindAsync(CurrentUser user, string @namespace, string id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        return store.FindAsync(@namespace, id, cancellationToken);
    }

    /// <summary>The newest imports of a namespace.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public Task<IReadOnlyList<PromptImport>> ListAsync(CurrentUser user, string @namespace, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        return store.ListAsync(@namespace, cancellationToken);
    }

    /// <summary>What stands where each prompt of an import would go.</summary>
    public async Task<IReadOnlyList<ImportTarget>> TargetsAsync(PromptImport import, CancellationToken cancellationToken)
    {
        var there = await DraftsAsync(import.Namespace, cancellationToken);
        return [.. import.Items.Select(item => ImportTarget.Of(catalog, there, import.Namespace, item.Name))];
    }

    /// <summary>Changes what shall become of one prompt of a preview; false when it is no preview any more.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public Task<bool> ChooseAsync(CurrentUser user, string @namespace, string id, int position, string name, ImportChoice choice, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        return store.ChooseAsync(@namespace, id, position, name, choice, cancellationToken);
    }

    /// <summary>Begins what a preview shows and returns when it has ended, or was stopped; null when there is no such preview.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public async Task<PromptImport?> RunAsync(CurrentUser user, string @namespace, string id, CancellationToken cancellationToken)
    {
        if (!await StartAsync(user, @namespace, id, cancellationToken))
        {
            return null;
        }

        if (_running.TryGetValue(id, out var job))
        {
            await using var registration = cancellationToken.Register(job.Stop);
            await job.Ended;
        }

        return await store.FindAsync(@namespace, id, CancellationToken.None);
    }

    /// <summary>Begins what a preview shows; false when there is no such preview.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public async Task<bool> StartAsync(CurrentUser user, string @namespace, string id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        if (!await store.BeginAsync(@namespace, id, cancellationToken) || await store.FindAsync(@namespace, id, CancellationToken.None) is not { } import)
        {
            return false;
        }

        // The page's user goes away with the page.
        var author = new CurrentUser(policy);
        author.Become(user.Principal, user.Address);
        var job = _running[id] = new Job();
        _ = Task.Run(() => ExecuteAsync(job, author, import), CancellationToken.None);
        return true;
    }

    /// <summary>Ends an import before its next prompt; what it wrote stays. False when it is not under way in this process.</summary>
    /// <exception cref="AccessDeniedException">They may not edit there.</exception>
    public bool Stop(CurrentUser user, string @namespace, string id)
    {
        user.Demand(Permission.EditDraft, @namespace);
        if (!_running.TryGetValue(id, out var job))
        {
            return false;
        }

        job.Stop();
        return true;
    }

    public void Dispose()
    {
        foreach (var job in _running.Values)
        {
            job.Stop();
        }
    }

    private async Task<IReadOnlyDictionary<string, Draft>> DraftsAsync(string @namespace, CancellationToken cancellationToken) =>
        (await drafts.ListAsync(@namespace, cancellationToken)).ToDictionary(draft => draft.Name, StringComparer.Ordinal);

    private async Task ExecuteAsync(Job job, CurrentUser user, PromptImport import)
    {
        var state = PromptImportState.Done;
        try
        {
            var written = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in import.Items)
            {
                if (job.IsStopped)
                {
                    state = PromptImportState.Stopped;
                    break;
                }

                await writer.WriteAsync(user, import, item, written);
                Changed?.Invoke(import.Id);
            }
        }
        catch (Exception exception)
        {
            // Whatever it was: nobody else would see it, and whoever waits for the end would wait for ever.
            state = PromptImportState.Stopped;
            Log.Failed(logger, import.Id, exception);
        }

        try
        {
            await store.EndAsync(import.Namespace, import.Id, state);
        }
        catch (Exception exception)
        {
            // Whatever it was, as above. It then shows as interrupted, which it was.
            Log.Failed(logger, import.Id, exception);
        }

        _running.TryRemove(import.Id, out _);
        job.End();
        Changed?.Invoke(import.Id);
    }

    private sealed class Job
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _stopped;

        public bool IsStopped => _stopped;

        public Task Ended => _ended.Task;

        public void Stop() => _stopped = true;

        public void End() => _ended.TrySetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The import {ImportId} of prompts ended early.")]
        public static partial void Failed(ILogger logger, string importId, Exception exception);
    }
}

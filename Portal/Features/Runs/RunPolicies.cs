using System.Collections.Concurrent;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Playground;
using Portal.Runner.Contract;

namespace Portal.Features.Runs;

/// <summary>The policies of namespaces, remembered for a moment, since every call of a flow asks. Thread-safe.</summary>
public sealed class RunPolicies(PortalDatabase database, TimeProvider clock) : IContentPolicies
{
    /// <summary>How soon a change counts that nobody told of.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (RunPolicy Policy, long At)> _known = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <exception cref="System.Data.Common.DbException">The database does not answer.</exception>
    public async ValueTask<RunPolicy> PolicyAsync(string @namespace)
    {
        if (_known.TryGetValue(@namespace, out var known) && clock.GetElapsedTime(known.At) < s_fresh)
        {
            return known.Policy;
        }

        var policy = await database.ReadAsync(context => RunPolicy.OfAsync(context, @namespace));
        _known[@namespace] = (policy, clock.GetTimestamp());
        return policy;
    }

    /// <summary>Not from memory: a runner that was woken by a change must not be told what was before.</summary>
    public async ValueTask<ContentPolicy> FindAsync(string @namespace) => (await database.ReadAsync(context => RunPolicy.OfAsync(context, @namespace))).OfCalls();

    /// <summary>A policy was changed, here or by another portal.</summary>
    public void Hear()
    {
        var before = Interlocked.Exchange(ref _changed, NewSignal());
        before.SetResult();
        _known.Clear();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

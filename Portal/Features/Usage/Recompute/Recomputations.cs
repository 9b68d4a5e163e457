using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Prices;

namespace Portal.Features.Usage.Recompute;

/// <summary>
/// Reckons anew what past calls cost, from an instant on, by the prices of now. It goes part by part, each one transaction that changes calls, sums and its own
/// progress together: whenever it ends, by a crash too, everything is in step, and it goes on from there.
/// </summary>
public sealed class Recomputations(PortalDatabase database, PriceBook book, UsageLog log, AuditLog audit, TimeProvider clock) : IDisposable
{
    /// <summary>Calls of one part: few enough that what else is to be written does not wait for long.</summary>
    private const int Part = 5_000;

    private readonly SemaphoreSlim _work = new(0);

    /// <summary>Raised when one has begun, come further or ended; on any thread.</summary>
    public event Action? Changed;

    public void Dispose() => _work.Dispose();

    /// <summary>One has begun, come further or ended, here or in another portal: the portal that leads, which does them, hears of it at once.</summary>
    internal void Hear()
    {
        if (_work.CurrentCount == 0)
        {
            _work.Release();
        }

        Changed?.Invoke();
    }

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<Recomputation>> ListAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Recomputations.OrderByDescending(job => job.Id).Take(20).ToListAsync(cancellationToken));

    /// <summary>What would be different, by model; changes nothing.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public async Task<IReadOnlyList<ModelDifference>> PreviewAsync(CurrentUser user, DateTimeOffset from, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        var (prices, difference) = (book.Current, new CostDifference([]));
        var (next, to) = (from.ToUnixTimeSeconds(), clock.GetUtcNow().ToUnixTimeSeconds() + 1);
        while (next < to)
        {
            next = await database.ReadAsync(async context =>
            {
                await context.Database.OpenConnectionAsync(cancellationToken);
                var (calls, after) = CallScan.Read(context, next, to, Part);
                new RecomputeStep(context, prices).Preview(calls, difference);
                return after;
            });
        }

        return difference.Models;
    }

    /// <summary>Begins one; null when one is under way, which must end first.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<Recomputation?> BeginAsync(CurrentUser user, DateTimeOffset from, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        var now = clock.GetUtcNow();
        return database.WriteAsync<Recomputation?>(
            async context =>
            {
                if (await context.Recomputations.AnyAsync(job => job.State == Recomputation.Running, cancellationToken))
                {
                    return null;
                }

                var first = Math.Max(from.ToUnixTimeSeconds(), 0);
                var job = new Recomputation
                {
                    FromSecond = first,
                    ToSecond = now.ToUnixTimeSeconds() + 1,
                    NextSecond = first,
                    State = Recomputation.Running,
                    Total = await context.Usage.LongCountAsync(row => row.StartedSecond >= first, cancellationToken),
                    RequestedAt = now.UtcDateTime,
                    RequestedBy = user.Actor.Name,
                };
                context.Recomputations.Add(job);
                Tell(context);
                audit.Append(context, new AuditEntry(user.Actor, "usage.recompute.begun", "Price", null, null, AuditResult.Succeeded,
                    After: new JsonObject { ["from"] = DateTimeOffset.FromUnixTimeSeconds(first).ToString("u"), ["calls"] = job.Total }, Address: user.Address));
                return job;
            },
            cancellationToken);
    }

    /// <summary>Ends one where it is: what was reckoned stays. False when it has ended.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<bool> CancelAsync(CurrentUser user, long id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return database.WriteAsync(
            async context =>
            {
                if (await context.Recomputations.FirstOrDefaultAsync(job => job.Id == id && job.State == Recomputation.Running, cancellationToken) is not { } job)
                {
                    return false;
                }

                End(context, job, Recomputation.Cancelled, user.Actor);
                Tell(context);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Waits until one may have begun.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => _work.WaitAsync(cancellationToken);

    /// <summary>Does one part of the one that is under way; false when there is none.</summary>
    internal Task<bool> StepAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            if (await context.Recomputations.FirstOrDefaultAsync(job => job.State == Recomputation.Running, cancellationToken) is not { } job)
            {
                return false;
            }

            var difference = new CostDifference(JsonSerializer.Deserialize<List<ModelDifference>>(job.Difference)!);
            var (calls, next) = CallScan.Read(context, job.NextSecond, job.ToSecond, Part);
            using var series = log.Series.Write(context, clock.GetUtcNow());

            // As they are in the database: this portal's own book may not have heard yet of what another one changed.
            var (entered, discounts) = PriceStore.Read(context);
            new RecomputeStep(context, PriceList.Of(entered, discounts)).Apply(calls, series, difference);
            (job.NextSecond, job.Difference) = (next, JsonSerializer.Serialize(difference.Models));
            (job.Calls, job.Changed) = (job.Calls + difference.Calls, job.Changed + difference.Changed);
            context.Tell(PortalTopics.Usage);
            context.AfterCommit(log.Tell);
            Tell(context);
            if (next >= job.ToSecond)
            {
                End(context, job, Recomputation.Done, Actor.System);
            }

            return true;
        },
        cancellationToken);

    private void Tell(PortalDbContext context)
    {
        context.AfterCommit(Hear);
        context.Tell(PortalTopics.Recomputations);
    }

    private void End(PortalDbContext context, Recomputation job, string state, Actor actor)
    {
        (job.State, job.FinishedAt) = (state, clock.GetUtcNow().UtcDateTime);
        audit.Append(context, new AuditEntry(actor, state == Recomputation.Done ? "usage.recomputed" : "usage.recompute.cancelled", "Price", null, null, AuditResult.Succeeded,
            After: new JsonObject { ["calls"] = job.Calls, ["changed"] = job.Changed }));
    }
}

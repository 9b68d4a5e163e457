using System.Globalization;
using Portal.Auth.Sessions;
using Portal.Auth.Tokens;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Budgets;
using Portal.Features.Prices;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Features.Usage.Recompute;

namespace Portal;

/// <summary>Passes on what other portals on the same database did, as if it had been done here: pages show it, and nothing remembered is out of date.</summary>
internal sealed partial class PortalNews(
    PortalDatabase database, AuditLog audit, UsageLog usage, DraftStore drafts, ReleaseLedger releases, RevisionStore revisions, EnvironmentStore environments,
    SessionStore sessions, ServiceTokens tokens, BudgetStore budgets, PriceStore prices, RunPolicies runPolicies, Recomputations recomputations, ILogger<PortalNews> logger) : IHostedService
{
    private static readonly string[] s_everything =
        [PortalTopics.Audit, PortalTopics.Usage, PortalTopics.Environments, PortalTopics.Sessions, PortalTopics.Tokens, PortalTopics.Budgets, PortalTopics.Prices,
            PortalTopics.RunPolicies, PortalTopics.Recomputations];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        database.Told += Hear;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        database.Told -= Hear;
        return Task.CompletedTask;
    }

    private void Hear(string topic, string detail)
    {
        // Not where the messages come from: some of what follows asks the database.
        _ = Task.Run(async () =>
        {
            try
            {
                foreach (var one in topic == PortalTopics.Anything ? s_everything : [topic])
                {
                    await PassAsync(one, detail);
                }
            }
            catch (Exception exception)
            {
                // The database may be away again; whoever asks it says so.
                Log.NotPassed(logger, topic, exception.Message);
            }
        });
    }

    private async Task PassAsync(string topic, string detail)
    {
        switch (topic, detail.Split('/'))
        {
            case (PortalTopics.Audit, _):
                audit.Hear();
                break;
            case (PortalTopics.Usage, _):
                usage.Tell();
                break;
            case (PortalTopics.Drafts, [var place, var name]):
                drafts.Hear(place, name);
                break;
            case (PortalTopics.Releases, _) when long.TryParse(detail, NumberStyles.None, CultureInfo.InvariantCulture, out var id):
                releases.Hear(id);
                break;
            case (PortalTopics.Revisions, [var kind, var place, var name]):
                revisions.Hear(kind, place, name);
                break;
            case (PortalTopics.Environments, _):
                await environments.HearAsync();
                break;
            case (PortalTopics.Sessions, _):
                await sessions.HearAsync(detail.Length == 0 ? null : detail);
                break;
            case (PortalTopics.Tokens, _):
                tokens.Hear();
                break;
            case (PortalTopics.Budgets, _):
                budgets.Hear();
                break;
            case (PortalTopics.Prices, _):
                await prices.HearAsync();
                break;
            case (PortalTopics.RunPolicies, _):
                runPolicies.Hear();
                break;
            case (PortalTopics.Recomputations, _):
                recomputations.Hear();
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What another portal told of {Topic} was not passed on: {Error}")]
        public static partial void NotPassed(ILogger logger, string topic, string error);
    }
}

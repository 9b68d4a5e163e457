using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components;
using Portal.Features.Audit;
using Portal.Features.Budgets;
using Portal.Features.Budgets.Pages;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Dashboard;
using Portal.Features.Costs.Prices;
using Portal.Features.Flows;
using Portal.Features.Health.Map;
using Portal.Features.Health.Overview;
using Portal.Features.Home;
using Portal.Features.Notifications;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Prompts.Partials;
using Portal.Features.Releases;
using Portal.Features.Releases.Revisions;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Features.Usage.Recompute;
using Portal.Tests.Portal.Budgets;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Components;

/// <summary>Open pages of a real portal on which much happens at once.</summary>
[Collection(PortalCollection.Name)]
public sealed class LivePagesTests(PortalFixture fixture)
{
    private const int Changes = 1_000;

    /// <summary>Some pages read a handful of things at a time, and the portal has work of its own.</summary>
    private const int MostQueries = 100;

    private const string Prompt = "support-reply";

    private static readonly RunSnapshot s_run = new() { Id = "none", Namespace = "demo", Prompt = Prompt, Input = [], StartedAt = DateTimeOffset.UnixEpoch, State = RunState.Stopped };

    private static readonly Dictionary<string, (Type Page, Dictionary<string, object?> Parameters, Type Source, object[] News)> s_pages = new()
    {
        ["Home"] = (typeof(HomePage), [], typeof(RunStore), [s_run]),
        ["Runs"] = (typeof(RunsPage), InDemo(), typeof(RunStore), [s_run]),
        ["Run"] = (typeof(RunPage), InDemo("Id", s_run.Id), typeof(RunStore), [s_run]),
        ["Budget"] = (typeof(BudgetDetail), new() { ["Budget"] = BudgetsOf.Namespace("demo") }, typeof(NotificationOutbox), []),
        ["Budgets"] = (typeof(BudgetsPage), [], typeof(BudgetBoard), []),
        ["Budgets that need one"] = (typeof(MoneyNeedsYou), [], typeof(BudgetBoard), []),
        ["Recompute"] = (typeof(RecomputePanel), [], typeof(Recomputations), []),
        ["Prices"] = (typeof(PricesPage), [], typeof(UsageLog), []),
        ["Costs"] = (typeof(CostsPage), [], typeof(UsageLog), []),
        ["Calls"] = (typeof(CallsPage), [], typeof(UsageLog), []),
        ["Calls of a flow"] = (typeof(FlowCalls), InDemo("Flow", Prompt), typeof(UsageLog), []),
        ["Flows"] = (typeof(FlowsPage), InDemo(), typeof(UsageLog), []),
        ["Map"] = (typeof(MapPage), InDemo(), typeof(UsageLog), []),
        ["Approvals"] = (typeof(ApprovalsPage), [], typeof(ReleaseLedger), [1L]),
        ["Bell"] = (typeof(ApprovalsBell), [], typeof(ReleaseLedger), [1L]),
        ["Release"] = (typeof(ReleasePage), new() { ["Id"] = 1L }, typeof(ReleaseLedger), [1L]),
        ["Audit"] = (typeof(AuditPage), [], typeof(AuditLog), []),
        ["Prompts"] = (typeof(PromptsPage), InDemo(), typeof(DraftStore), ["demo", Prompt]),
        ["Editor, drafts"] = (typeof(PromptEditor), InDemo("Name", Prompt), typeof(DraftStore), ["demo", Prompt]),
        ["Editor, releases"] = (typeof(PromptEditor), InDemo("Name", Prompt), typeof(ReleaseLedger), [1L]),
        ["History"] = (typeof(HistoryPage), InDemo("Name", Prompt), typeof(RevisionStore), ["Prompt", "demo", Prompt]),
        ["Partials"] = (typeof(PartialsPage), InDemo(), typeof(DraftStore), ["demo", Prompt]),
    };

    public static TheoryData<string> Pages => [.. s_pages.Keys];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_AThousandChangesAtOnce_AreFollowedWithFewQueries(string name)
    {
        var (page, parameters, source, news) = s_pages[name];
        using var scope = fixture.Portal.Services.CreateScope();
        await using var context = UiContext.New(static services => services.AddScoped<ReaderTimeZone>());
        context.Services.AddFallbackServiceProvider(scope.ServiceProvider);
        var service = scope.ServiceProvider.GetRequiredService(source);
        var others = Handlers(service);
        context.Render(builder =>
        {
            builder.OpenComponent(0, page);
            builder.AddMultipleAttributes(1, parameters!);
            builder.CloseComponent();
        });
        await UntilAsync(() => Handlers(service) > others);
        using var queries = new QueryCount(fixture.Portal.DataDirectory);

        for (var i = 0; i < Changes; i++)
        {
            Event(service)!.DynamicInvoke(news);
        }

        await UntilAsync(() => queries.Value > 0);
        await context.Renderer.Dispatcher.InvokeAsync(static () => { });
        Assert.InRange(queries.Value, 1, MostQueries);
    }

    private static Dictionary<string, object?> InDemo(string? name = null, string? value = null)
    {
        Dictionary<string, object?> parameters = new() { ["Namespace"] = "demo" };
        if (name is not null)
        {
            parameters[name] = value;
        }

        return parameters;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(RunningPortal.Patience);
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static Delegate? Event(object source) => (Delegate?)source.GetType().GetField("Changed", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(source);

    private static int Handlers(object source) => Event(source)?.GetInvocationList().Length ?? 0;
}

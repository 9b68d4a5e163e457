using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Auth;
using Portal.Components.Layout;
using Portal.Features.Budgets;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Operator.Admission;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Prompts;

/// <summary>What pages of prompts need: the cluster of a fixture and a database.</summary>
internal static class PromptPages
{
    public static BunitContext New(IdleOperatorFixture fixture, TestDatabase test) => UiContext.New(services => services
        .AddSingleton(fixture.Informers)
        .AddSingleton(fixture.Client)
        .AddSingleton(test.Database)
        .AddScoped<NamespaceDirectory>()
        .AddLogging(logging => logging.ClearProviders())
        .AddPrices()
        .AddSingleton(new BudgetBoard())
        .AddPlayground()
        .AddSingleton(test.Audit)
        .AddSingleton<PersonalCluster>()
        .AddSingleton(new AdmissionChain(new AdmissionOptions(), static () => null, AdmissionRules.All))
        .AddReleases(new ReleaseOptions(), withDemo: false)
        .AddPrompts());
}

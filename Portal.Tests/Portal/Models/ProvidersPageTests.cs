using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Flows;
using Portal.Features.Models;
using Portal.Runner.Providers;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Portal.Models;

public sealed class ProvidersPageTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly BunitContext _context = UiContext.New(services => services.AddSingleton(fixture.Informers).AddSingleton<FlowDirectory>()
        .AddSingleton(new ProviderCatalog([FakeProvider.Saying("x", ["KEYED_API_KEY"]).Named("keyed"), FakeProvider.Saying("x").Named("free")])));

    public void Dispose() => _context.Dispose();

    [Fact]
    public async Task Page_NoProviderYet_OffersAnExampleOfEveryTypeInTheCatalog()
    {
        var place = await fixture.NewNamespaceAsync();
        await fixture.UntilSeenAsync(place);

        var page = _context.Render<ProvidersPage>(parameters => parameters.Add(static page => page.Namespace, place.Name));

        Assert.Equal(["example-free", "example-keyed"], page.FindAll("[data-testid='empty-state'] button").Select(static button => button.GetAttribute("data-testid")));
    }
}

using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>Nothing is served that does not say to whom.</summary>
[Collection(PortalCollection.Name)]
public sealed class AccessRuleTests(PortalFixture fixture)
{
    [Fact]
    public void Endpoints_Always_HaveARule()
    {
        var endpoints = fixture.Portal.Services.GetRequiredService<EndpointDataSource>().Endpoints;

        Assert.True(endpoints.Count > 20);
        Assert.Empty(endpoints.Where(endpoint => endpoint.Metadata.OfType<AccessRuleAttribute>().Count() != 1).Select(endpoint => endpoint.DisplayName));
    }

    [Fact]
    public void Pages_Always_HaveOneRule()
    {
        var pages = typeof(PortalApplication).Assembly.GetTypes().Where(type => type.GetCustomAttributes<RouteAttribute>().Any()).ToList();

        Assert.True(pages.Count > 5);
        Assert.Empty(pages.Where(page => page.GetCustomAttributes<AccessRuleAttribute>().Count() != 1).Select(page => page.Name));
    }
}

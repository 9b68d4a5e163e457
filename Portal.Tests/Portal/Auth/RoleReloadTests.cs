using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Portal.Auth;
using Portal.Auth.Options;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Auth;

public sealed class RoleReloadTests : IDisposable
{
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Portal:Auth:Oidc:corp:Authority"] = "https://login.example.com",
        ["Portal:Auth:Oidc:corp:ClientId"] = "portal",
        ["Portal:Auth:Roles:0:Group"] = "authors",
        ["Portal:Auth:Roles:0:Role"] = "Author",
        ["Portal:Auth:Roles:0:Namespaces"] = "team-a",
    }).Build();

    private readonly ListLogger<RoleReload> _log = new();
    private readonly CurrentUser _ada;
    private readonly RoleReload _reload;

    public RoleReloadTests()
    {
        var options = new PortalOptions { SignIn = AuthOptionsReader.Read(_configuration, []) };
        var policy = new AccessPolicy(options.SignIn.Roles);
        _ada = new CurrentUser(policy);
        _ada.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:ada", "Ada", ActorKind.User), "test", [new(PortalClaims.Group, "authors")]), null);
        _reload = new RoleReload(_configuration, options, policy, _log);
    }

    public void Dispose() => _reload.Dispose();

    [Fact]
    public async Task Roles_ConfigurationChanges_HoldAtOnceForWhoIsSignedIn()
    {
        await _reload.StartAsync(default);
        Assert.True(_ada.May(Permission.EditDraft, "team-a"));

        Change("Portal:Auth:Roles:0:Role", "Viewer");
        Assert.False(_ada.May(Permission.EditDraft, "team-a"));
        Change("Portal:Auth:Roles:0:Namespaces", "*");
        Assert.True(_ada.May(Permission.ReadNamespace, "team-b"));

        await _reload.StopAsync(default);
        Change("Portal:Auth:Roles:0:Namespaces", "team-a");
        Assert.True(_ada.May(Permission.ReadNamespace, "team-b"));
    }

    [Theory]
    [InlineData("Portal:Auth:Roles:0:Role", "King")]
    [InlineData("Portal:Auth:Roles:0:Namespaces", "")]
    [InlineData("Portal:Auth:Oidc:corp:ClientId", null)]
    public async Task Roles_MistakeInTheChange_ThoseFromBeforeHold(string key, string? value)
    {
        await _reload.StartAsync(default);

        Change(key, value);

        Assert.True(_ada.May(Permission.EditDraft, "team-a"));
        Assert.Contains(_log.Entries, entry => entry.Level == LogLevel.Error && entry.Text.Contains(key, StringComparison.Ordinal));
    }

    private void Change(string key, string? value)
    {
        _configuration[key] = value;
        _configuration.Reload();
    }
}

using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>A portal whose people sign in with a provider that does what a test wants.</summary>
public sealed class SignInFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("portal-tests-");
    private PortalApplication _portal = null!;

    internal FakeIdentityProvider Provider { get; private set; } = null!;

    internal Uri Address => _portal.Address;

    internal IServiceProvider Services => _portal.Services;

    public async Task InitializeAsync()
    {
        Provider = await FakeIdentityProvider.StartAsync();
        string[] arguments =
        [
            .. RunningPortal.Arguments(_data.FullName),
            "--Portal:Auth:Oidc:corp:Authority", Provider.Issuer, "--Portal:Auth:Oidc:corp:ClientId", FakeIdentityProvider.ClientId, "--Portal:Auth:Oidc:corp:ClientSecret", "s3cret",
            .. Role(0, "Group", "viewers", PortalRole.Viewer, "demo"), .. Role(1, "Group", "authors", PortalRole.Author, "demo"),
            .. Role(2, "Group", "approvers", PortalRole.Approver, "demo"), .. Role(3, "Group", "operators", PortalRole.Operator, "demo"),
            .. Role(4, "Group", "admins", PortalRole.Admin, "demo"), .. Role(5, "User", "ruth@example.com", PortalRole.Admin, "*"),
        ];
        _portal = await PortalApplication.StartAsync(arguments, builder => builder.Logging.ClearProviders(), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _portal.DisposeAsync();
        await Provider.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string[] Role(int number, string kind, string who, PortalRole role, string namespaces) =>
    [
        $"--Portal:Auth:Roles:{number}:{kind}", who, $"--Portal:Auth:Roles:{number}:Role", role.ToString(), $"--Portal:Auth:Roles:{number}:Namespaces", namespaces,
    ];

    internal HttpClient NewBrowser()
    {
        var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return browser;
    }

    /// <summary>Begins a sign-in; the provider gets the browser with what this returns.</summary>
    internal static async Task<Dictionary<string, string>> BeginAsync(HttpClient browser, string returnUrl = "/ns/demo/prompts")
    {
        using var response = await browser.GetAsync($"/auth/sign-in/corp?returnUrl={Uri.EscapeDataString(returnUrl)}");
        return QueryHelpers.ParseQuery(response.Headers.Location!.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
    }

    internal static Task<HttpResponseMessage> ReturnAsync(HttpClient browser, string state, string code = "code", string more = "") =>
        browser.GetAsync($"/auth/callback/corp?code={code}&state={Uri.EscapeDataString(state)}{more}");

    /// <summary>Signs in as a proper provider would, with claims changed.</summary>
    internal async Task<HttpResponseMessage> SignInAsync(HttpClient browser, Action<JsonObject>? change = null)
    {
        var asked = await BeginAsync(browser);
        var claims = Provider.Claims(asked["nonce"]);
        change?.Invoke(claims);
        Provider.Token = _ => Microsoft.AspNetCore.Http.Results.Json(new { id_token = Provider.Sign(claims), access_token = "a" });
        return await ReturnAsync(browser, asked["state"]);
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

public sealed class AccessControlTests
{
    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    public async Task Refused_OutsideOfPages_IsNotDoneWhateverTheBrowserWouldLikeToGet(string accept)
    {
        var done = false;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new AccessPolicy([])).AddScoped<CurrentUser>().AddProblemDetails().AddExceptionHandler<global::Portal.Endpoints.ApiExceptionHandler>();
        await using var app = builder.Build();
        app.UseExceptionHandler();
        app.Use((context, next) =>
        {
            context.User = LocalPersona.Author.Principal();
            return next(context);
        });
        app.UseRouting();
        app.UseAccessControl();
        app.MapGet("/elsewhere", () => done = true).Requires(Permission.ManageSettings);
        await app.StartAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
        browser.DefaultRequestHeaders.Accept.ParseAdd(accept);

        using var response = await browser.GetAsync("/elsewhere");

        Assert.False(done);
        Assert.False(response.IsSuccessStatusCode);
    }
}

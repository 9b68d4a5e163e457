using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Costs.Reconcile;
using Portal.Runner.Providers;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Costs;

public sealed class ReconcilePageTests : IAsyncLifetime
{
    private readonly CostData _data = new();
    private readonly BunitContext _context;

    public ReconcilePageTests() =>
        _context = UiContext.New(services => services.AddSingleton(new Reconciler(_data.Reports)).AddSingleton(new ProviderCatalog([])));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _context.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Compare_FileThatIsTooLargeAfterAGoodOne_ComparesNeither()
    {
        await _data.AddAsync((_data.Call(CostData.Now.AddHours(-1)), "USD"));
        var page = _context.Render<ReconcilePage>();
        var good = $"start_time_iso,model,num_model_requests,input_tokens,output_tokens\n{CostData.Now:yyyy-MM-dd},gpt-4o,1,100,20\n";
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(good, "good.csv"));
        await page.ByTestId("reconcile-compare").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("It agrees", page.ByTestId("reconcile-verdict").TextContent, StringComparison.Ordinal));

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(good + new string('x', InvoiceReader.LargestFile), "large.csv"));
        await page.ByTestId("reconcile-compare").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains("large.csv has 5 MB; at most 5 are read.", page.ByTestId("reconcile-problems").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-testid=reconcile-verdict]"));
    }
}

using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Import;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Import;

public sealed class ImportPageTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Manifests = """
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: old}
        spec: {image: x, promptRefs: [{name: p}]}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: wrong}
        spec: {image: x, port: 0}
        """;

    private readonly TestDatabase _database = new();
    private readonly IdleOperatorFixture _fixture;
    private readonly BunitContext _context;

    public ImportPageTests(IdleOperatorFixture fixture)
    {
        _fixture = fixture;
        _context = UiContext.New(services => services.AddSingleton(TestImporter.On(fixture, _database)));
    }

    public void Dispose()
    {
        _context.Dispose();
        _database.Dispose();
    }

    [Fact]
    public async Task Page_ChecksFirst_ThenImportsWhatApplies()
    {
        var space = await _fixture.NewNamespaceAsync();
        var page = Render(space);
        page.ByTestId("import-text").Change(Manifests);

        await page.ByTestId("import-check").ClickAsync();
        Assert.Equal("1 can be imported (1 with changes), 1 refused.", page.ByTestId("import-summary").TextContent);
        Assert.Contains("spec.promptRefs", page.ByTestId("import-row-Flow-old").TextContent, StringComparison.Ordinal);
        Assert.Contains("spec.port", page.ByTestId("import-row-Flow-wrong").TextContent, StringComparison.Ordinal);
        Assert.Null(await space.FindAsync("Flow", "old"));

        await page.ByTestId("import-apply").ClickAsync();
        Assert.Equal("1 imported (1 with changes), 1 refused.", page.ByTestId("import-summary").TextContent);
        Assert.NotNull(await space.FindAsync("Flow", "old"));
        Assert.Empty(page.FindAll("[data-testid='import-apply']"));
    }

    [Fact]
    public async Task Page_FilesAreOpened_ChecksThemTogether()
    {
        var page = Render(await _fixture.NewNamespaceAsync());
        var parts = Manifests.Split("\n---\n");

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(parts[0], "a.yaml"), InputFileContent.CreateFromText(parts[1], "b.yaml"));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid='import-report'] tbody tr").Count), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Page_TextIsChangedAfterTheCheck_AsksForAnother()
    {
        var page = Render(await _fixture.NewNamespaceAsync());
        page.ByTestId("import-text").Change(Manifests);
        await page.ByTestId("import-check").ClickAsync();

        page.ByTestId("import-text").Change("broken: [");

        Assert.Empty(page.FindAll("[data-testid='import-apply']"));
        await page.ByTestId("import-check").ClickAsync();
        Assert.Contains("This is not YAML", page.ByTestId("import-error").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<ImportPage> Render(TestNamespace space) => _context.Render<ImportPage>(parameters => parameters.Add(static page => page.Namespace, space.Name));
}

using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Portal.Components.Inputs;

namespace Portal.Tests.Portal.Components.Inputs;

public sealed class InputsFormTests : IDisposable
{
    private readonly BunitContext _context = UiContext.New();
    private readonly InputsModel _inputs = new();

    public InputsFormTests() => _inputs.Update(
        JsonNode.Parse("""{"properties":{"name":{"type":"string","description":"who"},"count":{"type":"integer"},"loud":{"type":"boolean"},"tone":{"enum":["a","b"]},"list":{"type":"array"}},"required":["name"]}""")!.AsObject(),
        new JsonObject { ["name"] = "Ada", ["tone"] = "b" });

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Render_Schema_IsALabelledControlForEachField()
    {
        var form = Render();

        Assert.Equal(["TEXTAREA", "INPUT", "INPUT", "SELECT", "TEXTAREA"],
            _inputs.Fields.Select(field => form.ByTestId($"input-{field.Name}").TagName));
        Assert.All(_inputs.Fields,
            field => Assert.StartsWith(field.Name, form.Find($"label[for='input-{field.Name}']").TextContent, StringComparison.Ordinal));
        Assert.Equal("Ada", form.ByTestId("input-name").GetAttribute("value"));
    }

    [Fact]
    public async Task Edit_EveryKind_ReachesTheInput()
    {
        var form = Render();

        await form.ByTestId("input-name").InputAsync(new() { Value = "Grace" });
        await form.ByTestId("input-count").InputAsync(new() { Value = "2" });
        await form.ByTestId("input-loud").ChangeAsync(new() { Value = true });
        await form.ByTestId("input-tone").ChangeAsync(new() { Value = "a" });
        await form.ByTestId("input-list").InputAsync(new() { Value = "[1]" });

        _inputs.TryBuild(out var input, out _);
        Assert.Equal("""{"name":"Grace","count":2,"loud":true,"tone":"a","list":[1]}""", input!.ToJsonString());
    }

    [Fact]
    public async Task Edit_WrongNumber_IsToldAtTheField()
    {
        var form = Render();

        await form.ByTestId("input-count").InputAsync(new() { Value = "two" });

        Assert.Equal("count must be a whole number", form.Find(".gp-field-error").TextContent);
    }

    [Fact]
    public async Task Toggle_Json_ShowsTheSameInputAsText()
    {
        var form = Render();

        await form.ByTestId("inputs-raw").ChangeAsync(new() { Value = true });
        Assert.Contains("\"name\": \"Ada\"", form.ByTestId("input-raw").GetAttribute("value"), StringComparison.Ordinal);
        await form.ByTestId("input-raw").InputAsync(new() { Value = "{" });

        Assert.Contains("not JSON", form.Find(".gp-field-error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Media_AFileThatFits_IsSentAsADataUrlAndOthersAreRefusedWithTheReason()
    {
        var inputs = new InputsModel();
        inputs.Update(JsonNode.Parse("""{"properties":{"photo":{"type":"string"}}}""")!.AsObject(), [], new HashSet<string> { "photo" });
        var form = _context.Render<InputsForm>(parameters => parameters.Add(item => item.Inputs, inputs).Add(item => item.MostBytes, 100));

        Task Give(byte[] bytes, string name, string type) =>
            form.InvokeAsync(() => form.FindComponent<InputFile>().Instance.OnChange.InvokeAsync(new InputFileChangeEventArgs([new GivenFile(bytes, name, type)])));

        await Give(new byte[101], "big.png", "image/png");
        Assert.Contains("at most 100 bytes", form.ByTestId("input-photo-problem").TextContent, StringComparison.Ordinal);
        await Give([60], "x.svg", "image/svg+xml");
        Assert.Contains("type that cannot be sent", form.ByTestId("input-photo-problem").TextContent, StringComparison.Ordinal);
        await Give([.. "hello"u8], "hello.txt", "text/plain");

        Assert.Contains("hello.txt", form.ByTestId("input-photo-media").TextContent, StringComparison.Ordinal);
        Assert.Equal("data:text/plain;base64,aGVsbG8=", inputs.ValueOf(inputs.Fields[0]));
        await form.ByTestId("input-photo-clear").ClickAsync(new());
        Assert.Equal("", inputs.ValueOf(inputs.Fields[0]));
    }

    private IRenderedComponent<InputsForm> Render() => _context.Render<InputsForm>(parameters => parameters
        .Add(form => form.Inputs, _inputs)
        .Add(form => form.Changed, () => { }));

    private sealed class GivenFile(byte[] bytes, string name, string type) : IBrowserFile
    {
        public string Name => name;
        public DateTimeOffset LastModified => default;
        public long Size => bytes.Length;
        public string ContentType => type;

        public Stream OpenReadStream(long maxAllowedSize = 512000, CancellationToken cancellationToken = default) => new MemoryStream(bytes);
    }
}

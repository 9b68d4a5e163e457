using Bunit;
using Portal.Features.Playground;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Playground;

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

    private IRenderedComponent<InputsForm> Render() => _context.Render<InputsForm>(parameters => parameters
        .Add(form => form.Inputs, _inputs)
        .Add(form => form.Changed, () => { }));
}

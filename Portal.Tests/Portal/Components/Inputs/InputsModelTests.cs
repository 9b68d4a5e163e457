using Portal.Components.Inputs;

namespace Portal.Tests.Portal.Components.Inputs;

public class InputsModelTests
{
    private const string Schema = """
        {"type":"object","required":["name","count"],"properties":{
          "name":{"type":"string","description":"who"},
          "count":{"type":"integer"},
          "size":{"type":["number","null"]},
          "loud":{"type":"boolean"},
          "tone":{"enum":["friendly","brief",null]},
          "tags":{"type":"array","items":{"type":"string"}},
          "anything":{}}}
        """;

    [Fact]
    public void FromSchema_EveryKindOfProperty_BecomesAFieldInOrder()
    {
        var fields = InputField.FromSchema(Json(Schema));

        Assert.Equal(
            [
                ("name", InputKind.Text, true), ("count", InputKind.Number, true), ("size", InputKind.Number, false),
                ("loud", InputKind.Boolean, false),
                ("tone", InputKind.Choice, false), ("tags", InputKind.List, false), ("anything", InputKind.Json, false),
            ],
            fields.Select(field => (field.Name, field.Kind, field.Required)));
        Assert.Equal(["friendly", "brief"], fields[4].Choices);
    }

    [Fact]
    public void TryBuild_ChoiceOfNumbersAndABoxNeverTicked_AreWhatTheSchemaAsksFor()
    {
        var inputs = new InputsModel();
        inputs.Update(Json("""{"type":"object","required":["level","loud"],"properties":{"level":{"enum":[1,2]},"loud":{"type":"boolean"}}}"""), []);
        Set(inputs, "level", "2");

        Assert.True(inputs.TryBuild(out var input, out _));
        Assert.Equal("""{"level":2,"loud":false}""", input!.ToJsonString());
    }

    [Fact]
    public void TryBuild_FilledForm_IsTypedJsonWithoutWhatWasLeftEmpty()
    {
        var inputs = New("{}");
        Set(inputs, "name", "Ada");
        Set(inputs, "count", "3");
        Set(inputs, "size", "1.5");
        Set(inputs, "loud", "true");
        Set(inputs, "tone", "brief");
        Set(inputs, "tags", """["a", "b"]""");

        Assert.True(inputs.TryBuild(out var input, out _));

        Assert.Equal("""{"name":"Ada","count":3,"size":1.5,"loud":true,"tone":"brief","tags":["a","b"]}""", input!.ToJsonString());
    }

    [Theory]
    [InlineData("count", "1.5", "count must be a whole number.")]
    [InlineData("count", "many", "count must be a whole number.")]
    [InlineData("size", "NaN?", "size must be a number.")]
    [InlineData("tags", "[1,", "tags must be JSON")]
    public void TryBuild_WrongValue_NamesTheFieldAndTheFix(string field, string text, string expected)
    {
        var inputs = New("{}");
        Set(inputs, field, text);

        Assert.False(inputs.TryBuild(out _, out var problem));

        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_NewDefaults_ReplaceOnlyWhatNobodyTouched()
    {
        var inputs = New("""{"name":"Ada","count":1}""");
        Set(inputs, "name", "Grace");

        inputs.Update(Json(Schema), Json("""{"name":"Alan","count":2}"""));

        Assert.Equal(("Grace", "2"), (Value(inputs, "name"), Value(inputs, "count")));
    }

    [Fact]
    public void TryBuild_DefaultEmptiedOnPurpose_IsAnEmptyString()
    {
        var inputs = New("""{"name":"Ada"}""");
        Set(inputs, "name", "");

        inputs.TryBuild(out var input, out _);

        Assert.Equal("""{"name":""}""", input!.ToJsonString());
    }

    [Fact]
    public void ShowRaw_ThereAndBack_CarriesTheValues()
    {
        var inputs = New("{}");
        Set(inputs, "name", "Ada");

        inputs.ShowRaw(true);
        Assert.Contains("\"name\": \"Ada\"", inputs.Raw, StringComparison.Ordinal);
        inputs.SetRaw("""{"name":"Grace","tags":["x"]}""");
        inputs.ShowRaw(false);

        Assert.Equal("Grace", Value(inputs, "name"));
        Assert.Equal("x", Value(inputs, "tags"));
    }

    [Theory]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("null", "not JSON")]
    public void TryBuild_RawThatIsNoObject_SaysSo(string raw, string expected)
    {
        var inputs = new InputsModel();
        inputs.Update(null, []);
        inputs.SetRaw(raw);

        Assert.False(inputs.TryBuild(out _, out var problem));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryBuild_RawTooDeep_IsAMessageAndNoCrash()
    {
        var inputs = new InputsModel();
        inputs.Update(null, []);
        inputs.SetRaw(string.Concat(Enumerable.Repeat("{\"a\":", 5000)));

        Assert.False(inputs.TryBuild(out _, out var problem));

        Assert.Contains("not JSON", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_InputOfARun_ShowsInTheForm()
    {
        var inputs = New("""{"name":"Ada"}""");

        inputs.Load(Json("""{"name":"Grace","loud":true}"""));

        Assert.Equal(("Grace", "true"), (Value(inputs, "name"), Value(inputs, "loud")));
    }

    private static InputsModel New(string defaults)
    {
        var inputs = new InputsModel();
        inputs.Update(Json(Schema), Json(defaults));
        return inputs;
    }

    private static void Set(InputsModel inputs, string name, string text) => inputs.Set(inputs.Fields.Single(field => field.Name == name), text);

    private static string Value(InputsModel inputs, string name) => inputs.ValueOf(inputs.Fields.Single(field => field.Name == name));

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}

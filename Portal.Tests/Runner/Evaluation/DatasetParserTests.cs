using System.Text;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Tests.Runner.Evaluation;

public class DatasetParserTests
{
    [Theory]
    [InlineData("json", """[{"testCaseId":"a","input":{"q":"x"},"reference":"y","context":["c"]},{"q":"z"}]""")]
    [InlineData("jsonl", "{\"testCaseId\":\"a\",\"input\":{\"q\":\"x\"},\"reference\":\"y\",\"context\":\"c\"}\r\n\r\n{\"q\":\"z\",\"testCaseId\":\"2\"}\n")]
    [InlineData("csv", "testCaseId,input,reference,context\na,\"{\"\"q\"\":\"\"x\"\"}\",y,\"[\"\"c\"\"]\"\n2,{\"q\":\"z\"},,\n")]
    public void Parse_EachFormat_ReadsTheSameRows(string format, string text)
    {
        var rows = Parse(text, format);

        Assert.Equal(["a", "2"], rows.Select(row => row.Id));
        Assert.Equal("""{"q":"x"}""", rows[0].Input!.ToJsonString());
        Assert.Equal("y", rows[0].Reference!.GetValue<string>());
        Assert.Equal("""["c"]""", rows[0].Context!.ToJsonString());
        Assert.Contains("\"q\":\"z\"", rows[1].Input!.ToJsonString().Replace("\\u0022", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_CsvWithoutInputColumn_MakesAllColumnsTheInput()
    {
        var row = Assert.Single(Parse("\uFEFFname,age,reference\r\n\"Bo, \"\"B\"\"\nof X\",7,hi", "csv"));

        Assert.Equal("Bo, \"B\"\nof X", row.Input!["name"]!.GetValue<string>());
        Assert.Equal("7", row.Input["age"]!.GetValue<string>());
        Assert.Null(row.Input["reference"]);
        Assert.Equal("hi", row.Reference!.GetValue<string>());
    }

    [Fact]
    public void Parse_CsvWithSchema_ReadsNumbersWhereItWantsThem() =>
        Assert.Equal("""{"age":7,"zip":"01"}""", Parse("age,zip\n7,01", "csv", """{"properties":{"age":{"type":"integer"},"zip":{"type":"string"}}}""")[0].Input!.ToJsonString());

    [Theory]
    [InlineData("json", "", "it is not valid JSON")]
    [InlineData("json", "7", "must be an array of rows")]
    [InlineData("json", "[]", "has no rows")]
    [InlineData("json", """[{"input":1},7]""", "row 2: a row must be an object")]
    [InlineData("json", """[{"input":1,"input":2}]""", "Duplicate property 'input'")]
    [InlineData("json", """[{"testCaseId":"a"},{"testCaseId":"a"}]""", "row 2: testCaseId \"a\" was used by a row before")]
    [InlineData("json", """[{"testCaseId":["a"]}]""", "row 1: testCaseId must be a text")]
    [InlineData("jsonl", "{}\n{\"a\":", "line 2 is not valid JSON")]
    [InlineData("jsonl", "\n \n", "has no rows")]
    [InlineData("csv", "", "has no rows")]
    [InlineData("csv", "a,b\n", "has no rows")]
    [InlineData("csv", "a,b\n1,2\n1,2,3", "line 3: 3 fields where the header has 2 (a, b)")]
    [InlineData("csv", "a,a\n1,2", "column \"a\" twice")]
    [InlineData("csv", "a,\n1,2", "column 2 of the header has no name")]
    [InlineData("csv", "a,b\n\"x\ny\",1\n\"open,2", "line 4: a quoted field is not closed")]
    [InlineData("csv", "a,b\n\"x\"y,1", "line 2: text after a closing quote")]
    public void Parse_Malformed_SaysWhere(string format, string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Parse(text, format)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_RowAgainstTheSchema_NamesRowAndField()
    {
        var exception = Assert.Throws<FormatException>(() => Parse(
            """[{"input":{"q":"x"}},{"input":{"q":7}}]""", "json", """{"properties":{"input":{"properties":{"q":{"type":"string"}}}}}"""));

        Assert.Equal("row 2 does not match the dataset's schema: input.q must be string", exception.Message);
    }

    [Fact]
    public void Parse_NotUtf8_SaysWhichByte() =>
        Assert.Contains("byte 1 is not UTF-8", Assert.Throws<FormatException>(() => DatasetParser.Parse([0x5B, 0xFF], "json", null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_TooManyRows_IsRefused() =>
        Assert.Contains("more than 20000 rows", Assert.Throws<FormatException>(() => Parse("a\n" + string.Concat(Enumerable.Repeat("1\n", 20_001)), "csv")).Message, StringComparison.Ordinal);

    private static IReadOnlyList<DatasetRow> Parse(string text, string format, string? schema = null) =>
        DatasetParser.Parse(Encoding.UTF8.GetBytes(text), format, schema is null ? null : JsonNode.Parse(schema));
}

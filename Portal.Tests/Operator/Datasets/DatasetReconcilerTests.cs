using Portal.Operator.Datasets;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Datasets;

public class DatasetReconcilerTests
{
    private const string Map = """
        kind: ConfigMap
        metadata: {name: lines, namespace: shop}
        data: {data.json: "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n"}
        ---
        kind: ConfigMap
        metadata: {name: one, namespace: shop}
        data: {data.json: "{\"a\":1}"}
        ---
        kind: ConfigMap
        metadata: {name: table, namespace: shop}
        data: {data.csv: "input,reference\n\"a, \"\"b\"\"\nc\",x\r\ny,z\n", data.json: "[]"}
        ---
        kind: ConfigMap
        metadata: {name: empty, namespace: shop}
        data: {other: x}
        """;

    [Theory]
    [InlineData("json", "inline: [{input: a}, {input: b}, {input: c}]", 3)]
    [InlineData("json", "inline: {input: a}", 1)]
    [InlineData("json", "inline: '[{\"input\":1},{\"input\":2}]'", 2)]
    [InlineData("json", "inline: []", 0)]
    [InlineData("jsonl", "inline: \"{\\\"a\\\":1}\\n\\n{\\\"a\\\":2}\"", 2)]
    [InlineData("jsonl", "inline: [{a: 1}, {a: 2}]", 2)]
    [InlineData("csv", "inline: \"input,reference\\na,b\\nc,d\\n\"", 2)]
    [InlineData("csv", "inline: \"\"", 0)]
    [InlineData("csv", "inline: [{input: a}]", 1)]
    [InlineData("jsonl", "configMapRef: {name: lines}", 3)]
    [InlineData("json", "configMapRef: {name: one}", 1)]
    [InlineData("csv", "configMapRef: {name: table}", 2)]
    [InlineData("json", "uri: 's3://bucket/key'", -1)]
    public void Judge_OneSource_CountsTheSamples(string format, string source, long count)
    {
        var verdict = Judge(format, source);

        Assert.Equal(("True", $"dataset source resolved (samples={count})"), (verdict.Conditions[0].Status, verdict.Conditions[0].Message));
        Assert.Equal(count, verdict.Status.SampleCount);
    }

    [Theory]
    [InlineData("json", "", "InvalidSpec", "spec.source must set exactly one of inline, configMapRef, or uri")]
    [InlineData("json", "inline: [], uri: 'https://x.test'", "InvalidSpec", "spec.source must set exactly one of inline, configMapRef, or uri")]
    [InlineData("json", "configMapRef: {name: gone}", "MissingDependency", "configmap \"gone\" not found")]
    [InlineData("json", "configMapRef: {name: empty}", "InvalidSpec", "configmap \"empty\" has no data.json key")]
    [InlineData("json", "configMapRef: {name: lines}", "InvalidSpec", "data.json could not be parsed as json: ")]
    [InlineData("json", "inline: 7", "InvalidSpec", "inline payload could not be parsed as json: it must be an array of samples, or text")]
    [InlineData("jsonl", "inline: \"{}\\nnope\"", "InvalidSpec", "inline payload could not be parsed as jsonl: line 2: ")]
    [InlineData("csv", "inline: \"a,b\\n1\"", "InvalidSpec", "inline payload could not be parsed as csv: line 2: 1 fields where the header has 2")]
    [InlineData("csv", "inline: \"a,b\\n\\\"1,2\"", "InvalidSpec", "inline payload could not be parsed as csv: line 2: a quoted field is not closed")]
    public void Judge_BadSource_SaysWhatIsWrongAndCountsNothing(string format, string source, string reason, string message)
    {
        var verdict = Judge(format, source);

        Assert.Equal(("False", reason), (verdict.Conditions[0].Status, verdict.Conditions[0].Reason));
        Assert.StartsWith(message, verdict.Conditions[0].Message, StringComparison.Ordinal);
        Assert.Null(verdict.Status.SampleCount);
    }

    [Theory]
    [InlineData("{required: [reference]}", "sample 2 does not fit spec.schema: sample.reference is required")]
    [InlineData("{properties: {input: {type: object}}}", "sample 1 does not fit spec.schema: sample.input is not of type object")]
    [InlineData("{properties: {input: {enum: [a]}}}", "sample 2 does not fit spec.schema: sample.input is not one of the allowed values")]
    public void Judge_SampleOutsideTheSchema_IsNamed(string schema, string message) =>
        Assert.Equal(message, Judge("json", "inline: [{input: a, reference: r}, {input: b}]", $", schema: {schema}").Conditions[0].Message);

    [Fact]
    public void Judge_SamplesWithinTheSchema_AreReady() =>
        Assert.True(Judge("json", "inline: [{input: {name: Ada}, n: 3}]", ", schema: {type: object, required: [input], properties: {input: {type: object}, n: {type: integer}}}")
            .Conditions[0].IsTrue);

    [Theory]
    [InlineData("{properties: {price: {type: number}, tags: {type: array}, name: {type: string}}}", null)]
    [InlineData("{properties: {name: {type: integer}}}", "sample 1 does not fit spec.schema: sample.name is not of type integer")]
    [InlineData("[anything]", null)]
    public void Judge_CellsOfCsv_AreReadAsTheSchemaWantsThem(string schema, string? mismatch)
    {
        var ready = Judge("csv", "inline: \"name,price,tags\\nAda,1.5,\\\"[1,2]\\\"\\n\"", $", schema: {schema}").Conditions[0];

        Assert.Equal(mismatch ?? "dataset source resolved (samples=1)", ready.Message);
    }

    private static Verdict<DatasetStatus> Judge(string format, string source, string more = "")
    {
        var objects = TestManifests.Parse(Map).With($$"""
            kind: Dataset
            metadata: {name: d, namespace: shop}
            spec: {format: {{format}}, source: { {{source}} }{{more}} }
            """);
        return DatasetReconciler.Judge(objects.Get<Dataset>("d"), objects);
    }
}

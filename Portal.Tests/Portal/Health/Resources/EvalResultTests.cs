using Portal.Features.Health.Resources;
using Portal.Operator.Evals;

namespace Portal.Tests.Portal.Health.Resources;

public sealed class EvalResultTests
{
    [Fact]
    public void Of_WhatTheRunnerWrites_TellsEachMetricAndHowManyAnswered()
    {
        var result = Of("""
            {"counts":{"answered":2,"total":3},"status":"completed","metricSummaries":[
              {"evaluator":"/evaluator/contains","averageScore":0.5,"passRate":0.5,"testCaseCount":2},
              {"evaluator":"/evaluator/latency","averageScore":22.967,"testCaseCount":2}]}
            """);

        Assert.Equal("contains 50 % passed, latency 22.967 on average, answered 2 of 3", result?.Line);
    }

    [Fact]
    public void Of_NumbersOfAnotherRunner_AreShownByName() =>
        Assert.Equal("passRate 0.5, exact score 1", Of("""{"passRate":0.5,"metrics":{"exact":{"score":1,"why":"text"}}}""")?.Line);

    [Theory]
    [InlineData("""{"metricSummaries":"none","counts":[1],"metrics":"none"}""")]
    [InlineData("""{"metricSummaries":[null,1,{"evaluator":5,"passRate":"half"}],"counts":{"answered":"2","total":null}}""")]
    public void Of_OtherShapes_HasNoLine(string document) => Assert.Null(Assert.IsType<EvalResult>(Of(document)).Line);

    [Fact]
    public void Of_EvalThatNeverRan_IsNull() => Assert.Null(EvalResult.Of(new Eval(new JsonObject())));

    private static EvalResult? Of(string document) =>
        EvalResult.Of(new Eval(new JsonObject { ["status"] = new JsonObject { ["lastRunResult"] = JsonNode.Parse(document) } }));
}

using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Flows;

public class RunnerProblemsTests
{
    private static readonly Problem s_told = new(ConditionReasons.FlowBroken, "flow \"one\": /genkit/flows/one/config.json: No credential for provider \"openai\"") { Trail = "flow \"one\": No credential" };
    private static readonly Problem s_known = new(ConditionReasons.MissingKeys, "flow \"one\": secret \"keys\" has no key \"OPENAI_API_KEY\"") { Trail = "flow \"one\" → model \"m\" → secret \"keys\" has no key \"OPENAI_API_KEY\"" };

    [Fact]
    public void Explained_OperatorKnowsWhy_SaysSoAndPodsAreAskedAgain()
    {
        var problem = RunnerProblems.Explained(s_told, [s_known]);

        Assert.Equal((ConditionReasons.FlowBroken, s_known.Message, s_known.Trail), (problem!.Reason, problem.Message, problem.Trail));
    }

    [Fact]
    public void Explained_OperatorKnowsNothing_KeepsTheRunnersWords() => Assert.Same(s_told, RunnerProblems.Explained(s_told, []));

    [Fact]
    public void Explained_RunnerIsContent_IsNoProblem() => Assert.Null(RunnerProblems.Explained(null, [s_known]));
}

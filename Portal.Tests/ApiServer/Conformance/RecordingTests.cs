using System.Reflection;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Nothing recorded is left out by mistake.</summary>
public sealed class RecordingTests
{
    [Fact]
    public void Areas_Always_HaveATestClass()
    {
        var tested = typeof(RecordingTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Select(method => method.GetCustomAttribute<AreaAttribute>()?.Area)
            .OfType<string>();

        Assert.Equal(Recordings.Areas().Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Deviations_Always_NameARecordedCaseAndAReason()
    {
        var recorded = Recordings.Areas().SelectMany(area => Recordings.Cases(area).Select(name => $"{area}/{name}"))
            .Concat(Recordings.Kubectl().Select(entry => $"kubectl/{entry!["name"]}"));

        Assert.Empty(Deviations.All.Select(entry => entry.Key).Except(recorded));
        Assert.All(Deviations.All, entry => Assert.True(entry.Value!["reason"]!.ToString().Length > 10, entry.Key));
    }
}

using System.Reflection;
using Xunit.Sdk;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>One test for each recorded case of an area.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AreaAttribute(string area) : DataAttribute
{
    public string Area { get; } = area;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Recordings.Cases(Area).Select(name => new object[] { name });
}

using Portal.Operator.Admission;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows.Rules;

/// <summary>Probes and hooks do one thing each, and end before the pod does.</summary>
internal sealed class ProbesRule : IRunnerRule
{
    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope) =>
        Check(spec.LivenessProbe, "spec.livenessProbe", onlyOnce: true)
            .Concat(Check(spec.ReadinessProbe, "spec.readinessProbe", onlyOnce: false))
            .Concat(Check(spec.StartupProbe, "spec.startupProbe", onlyOnce: true))
            .Concat(Check(spec.Lifecycle?.PostStart, "spec.lifecycle.postStart"))
            .Concat(Check(spec.Lifecycle?.PreStop, "spec.lifecycle.preStop"))
            .Concat(Grace(spec));

    private static IEnumerable<AdmissionFinding> Check(Probe? probe, string path, bool onlyOnce)
    {
        if (probe is null)
        {
            yield break;
        }

        object?[] actions = [probe.Exec, probe.Grpc, probe.HttpGet, probe.TcpSocket];
        if (actions.Count(action => action is not null) > 1)
        {
            yield return AdmissionFinding.Error(path, "has more than one of exec, grpc, httpGet and tcpSocket", "leave one");
        }

        if (onlyOnce && probe.SuccessThreshold is > 1)
        {
            yield return AdmissionFinding.Error($"{path}.successThreshold", "must be 1 here", "remove it");
        }

        if (probe.Exec is { Command: not { Count: > 0 } })
        {
            yield return AdmissionFinding.Error($"{path}.exec.command", "is empty", "name the program");
        }

        foreach (var (port, member) in new[] { (probe.HttpGet?.Port, "httpGet"), (probe.TcpSocket?.Port, "tcpSocket") })
        {
            if (port is not null && Port(port, $"{path}.{member}.port") is { } wrong)
            {
                yield return wrong;
            }
        }
    }

    private static AdmissionFinding? Port(IntOrString port, string field) => int.TryParse(port.ToString(), out var number)
        ? number is >= 1 and <= 65535 ? null : AdmissionFinding.Error(field, $"{number} is not a port", "use 1 to 65535")
        : port.ToString() == FlowDeployment.PortName ? null
        : AdmissionFinding.Error(field, $"{Names.Quoted(port.ToString())} is not a port of the container", $"use {FlowDeployment.PortName}, or a number");

    private static IEnumerable<AdmissionFinding> Check(LifecycleHandler? handler, string path)
    {
        if (handler is null)
        {
            yield break;
        }

        object?[] actions = [handler.Exec, handler.HttpGet, handler.Sleep];
        if (actions.Count(action => action is not null) != 1)
        {
            yield return AdmissionFinding.Error(path, "must have exactly one of exec, httpGet and sleep", "such as sleep: {seconds: 3}");
        }

        if (handler.HttpGet?.Port is { } port && Port(port, $"{path}.httpGet.port") is { } wrong)
        {
            yield return wrong;
        }
    }

    private static IEnumerable<AdmissionFinding> Grace(RunnerSpec spec)
    {
        const int UsualGrace = 30;
        var grace = spec.TerminationGracePeriodSeconds ?? UsualGrace;
        if (spec.Lifecycle?.PreStop?.Sleep is { } sleep && sleep.Seconds > grace)
        {
            yield return AdmissionFinding.Error("spec.lifecycle.preStop.sleep.seconds", $"{sleep.Seconds} is more than the {grace} the pod has to end", "set terminationGracePeriodSeconds higher");
        }

        if (spec.Lifecycle is null && grace < FlowDeployment.StopDelay)
        {
            yield return AdmissionFinding.Error(
                "spec.terminationGracePeriodSeconds", $"{grace} is less than the {FlowDeployment.StopDelay} the container waits before it stops", "set it higher, or lifecycle: {} to stop at once");
        }
    }
}

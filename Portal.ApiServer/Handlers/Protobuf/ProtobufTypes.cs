using System.Collections.Frozen;

namespace Portal.ApiServer.Handlers.Protobuf;

/// <summary>A field of a protobuf message.</summary>
/// <param name="Name">Name in JSON.</param>
/// <param name="Type"><c>string</c>, <c>bytes</c>, <c>int</c>, <c>bool</c>, <c>time</c>, <c>intOrString</c>, <c>quantity</c>, or a message type.</param>
/// <param name="Repeated">A list.</param>
/// <param name="Map">A map from strings to the type.</param>
/// <param name="Keep">Whether a zero value means something (a pointer in Go) rather than absence.</param>
internal sealed record ProtobufField(string Name, string Type, bool Repeated, bool Map, bool Keep);

/// <summary>
/// Field numbers of the messages kubectl posts, in a line each: <c>number name type</c>. <c>[]</c> before the type makes a list, <c>map:</c> a map,
/// <c>?</c> after it keeps zero values. The numbers are those of the public <c>generated.proto</c> files of k8s.io/api.
/// </summary>
internal static class ProtobufTypes
{
    private static readonly FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> s_types = new Dictionary<string, string>
    {
        ["TypeMeta"] = "1 apiVersion string, 2 kind string",
        ["Time"] = "1 seconds int, 2 nanos int",
        ["IntOrString"] = "1 type int, 2 intVal int, 3 strVal string",
        ["Quantity"] = "1 string string",
        ["ObjectMeta"] = """
            1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int,
            8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds int, 11 labels map:string, 12 annotations map:string,
            13 ownerReferences []OwnerReference, 14 finalizers []string
            """,
        ["OwnerReference"] = "1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool?, 7 blockOwnerDeletion bool?",
        ["LocalObjectReference"] = "1 name string",
        ["ObjectReference"] = "1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string",
        ["LabelSelector"] = "1 matchLabels map:string, 2 matchExpressions []LabelSelectorRequirement",
        ["LabelSelectorRequirement"] = "1 key string, 2 operator string, 3 values []string",
        ["Empty"] = "",
        ["ConfigMap"] = "1 metadata ObjectMeta, 2 data map:string, 3 binaryData map:bytes, 4 immutable bool?",
        ["Secret"] = "1 metadata ObjectMeta, 2 data map:bytes, 3 type string, 4 stringData map:string, 5 immutable bool?",
        ["Namespace"] = "1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus",
        ["NamespaceSpec"] = "1 finalizers []string",
        ["NamespaceStatus"] = "1 phase string",
        ["ServiceAccount"] = "1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference, 4 automountServiceAccountToken bool?",
        ["Service"] = "1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus",
        ["ServiceSpec"] = """
            1 ports []ServicePort, 2 selector map:string, 3 clusterIP string, 4 type string, 5 externalIPs []string, 7 sessionAffinity string,
            8 loadBalancerIP string, 9 loadBalancerSourceRanges []string, 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int,
            13 publishNotReadyAddresses bool, 18 clusterIPs []string
            """,
        ["ServicePort"] = "1 name string, 2 protocol string, 3 port int, 4 targetPort intOrString, 5 nodePort int, 6 appProtocol string",
        ["ServiceStatus"] = "1 loadBalancer Empty",
        ["Deployment"] = "1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus",
        ["DeploymentSpec"] = """
            1 replicas int?, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int,
            6 revisionHistoryLimit int?, 7 paused bool, 9 progressDeadlineSeconds int?
            """,
        ["DeploymentStrategy"] = "1 type string",
        ["DeploymentStatus"] = """
            1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int, 5 unavailableReplicas int, 7 readyReplicas int
            """,
        ["PodTemplateSpec"] = "1 metadata ObjectMeta, 2 spec PodSpec",
        ["PodSpec"] = """
            2 containers []Container, 3 restartPolicy string, 4 terminationGracePeriodSeconds int?, 5 activeDeadlineSeconds int?, 6 dnsPolicy string,
            7 nodeSelector map:string, 8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool, 12 hostPID bool,
            13 hostIPC bool, 16 hostname string, 17 subdomain string, 19 schedulerName string, 24 priorityClassName string
            """,
        ["Container"] = """
            1 name string, 2 image string, 3 command []string, 4 args []string, 5 workingDir string, 6 ports []ContainerPort, 7 env []EnvVar,
            8 resources ResourceRequirements, 13 terminationMessagePath string, 14 imagePullPolicy string, 16 stdin bool, 17 stdinOnce bool, 18 tty bool,
            20 terminationMessagePolicy string
            """,
        ["ContainerPort"] = "1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string",
        ["EnvVar"] = "1 name string, 2 value string",
        ["ResourceRequirements"] = "1 limits map:quantity, 2 requests map:quantity",
        ["Job"] = "1 metadata ObjectMeta, 2 spec JobSpec, 3 status JobStatus",
        ["JobSpec"] = """
            1 parallelism int?, 2 completions int?, 3 activeDeadlineSeconds int?, 4 selector LabelSelector, 5 manualSelector bool?, 6 template PodTemplateSpec,
            7 backoffLimit int?, 8 ttlSecondsAfterFinished int?, 9 completionMode string, 10 suspend bool?
            """,
        ["JobStatus"] = "4 active int, 5 succeeded int, 6 failed int, 7 completedIndexes string",
        ["CronJob"] = "1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status Empty",
        ["CronJobSpec"] = """
            1 schedule string, 2 startingDeadlineSeconds int?, 3 concurrencyPolicy string, 4 suspend bool?, 5 jobTemplate JobTemplateSpec,
            6 successfulJobsHistoryLimit int?, 7 failedJobsHistoryLimit int?, 8 timeZone string
            """,
        ["JobTemplateSpec"] = "1 metadata ObjectMeta, 2 spec JobSpec",
        ["Role"] = "1 metadata ObjectMeta, 2 rules []PolicyRule",
        ["ClusterRole"] = "1 metadata ObjectMeta, 2 rules []PolicyRule",
        ["PolicyRule"] = "1 verbs []string, 2 apiGroups []string, 3 resources []string, 4 resourceNames []string, 5 nonResourceURLs []string",
        ["RoleBinding"] = "1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef",
        ["ClusterRoleBinding"] = "1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef",
        ["Subject"] = "1 kind string, 2 apiGroup string, 3 name string, 4 namespace string",
        ["RoleRef"] = "1 apiGroup string, 2 kind string, 3 name string",
        ["SelfSubjectAccessReview"] = "1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus",
        ["SelfSubjectAccessReviewSpec"] = "1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes",
        ["ResourceAttributes"] = "1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string",
        ["NonResourceAttributes"] = "1 path string, 2 verb string",
        ["SubjectAccessReviewStatus"] = "1 allowed bool, 2 reason string, 3 evaluationError string, 4 denied bool",
        ["SelfSubjectRulesReview"] = "1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus",
        ["SelfSubjectRulesReviewSpec"] = "1 namespace string",
        ["SubjectRulesReviewStatus"] = "3 incomplete bool, 4 evaluationError string",
        ["SelfSubjectReview"] = "1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus",
        ["SelfSubjectReviewStatus"] = "1 userInfo UserInfo",
        ["UserInfo"] = "1 username string, 2 uid string, 3 groups []string",
    }.ToFrozenDictionary(type => type.Key, type => Parse(type.Value), StringComparer.Ordinal);

    public static bool Has(string type) => s_types.ContainsKey(type);

    public static ProtobufField? Find(string type, int number) => s_types[type].GetValueOrDefault(number);

    /// <summary>Every type a field of some message refers to, for a test that none is missing.</summary>
    internal static IEnumerable<string> Referenced => s_types.Values.SelectMany(fields => fields.Values).Select(known => known.Type).Distinct();

    private static FrozenDictionary<int, ProtobufField> Parse(string text) => text
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(
            words => int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture),
            words => new ProtobufField(
                words[1],
                words[2].TrimEnd('?').Replace("[]", "", StringComparison.Ordinal).Replace("map:", "", StringComparison.Ordinal),
                words[2].StartsWith("[]", StringComparison.Ordinal),
                words[2].StartsWith("map:", StringComparison.Ordinal),
                words[2].EndsWith('?')));
}

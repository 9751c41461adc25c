using System.Text.Json;
using System.Text.Json.Serialization;

namespace TgtModular.Core.Control.Wire;

/// <summary>JSON of the control API: names as in TOML, lower case with underscores. Members are only ever added within <c>/v1</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DaemonView))]
[JsonSerializable(typeof(IReadOnlyList<TransportView>))]
[JsonSerializable(typeof(IReadOnlyList<StoreView>))]
[JsonSerializable(typeof(IReadOnlyList<UnitView>))]
[JsonSerializable(typeof(IReadOnlyList<TargetView>))]
[JsonSerializable(typeof(IReadOnlyList<SessionView>))]
[JsonSerializable(typeof(IReadOnlyList<PluginView>))]
[JsonSerializable(typeof(IReadOnlyList<PluginProblemView>))]
[JsonSerializable(typeof(PluginInspectionView))]
[JsonSerializable(typeof(PluginUpgradeRequest))]
[JsonSerializable(typeof(PluginUpgradeView))]
[JsonSerializable(typeof(IReadOnlyList<StoreUpgradeView>))]
[JsonSerializable(typeof(PluginRemovalView))]
[JsonSerializable(typeof(IReadOnlyList<StatisticsView>))]
[JsonSerializable(typeof(PlanView))]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(AddStoreRequest))]
[JsonSerializable(typeof(ResizeStoreRequest))]
[JsonSerializable(typeof(AddUnitRequest))]
[JsonSerializable(typeof(AddTargetRequest))]
[JsonSerializable(typeof(ChangeTargetRequest))]
[JsonSerializable(typeof(ConfigurationRequest))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>A value of an enumeration as it stands in JSON.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

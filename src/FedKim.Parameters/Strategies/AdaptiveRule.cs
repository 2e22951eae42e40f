using System.Numerics;
using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>How the second moment v follows the clients' mean change Δ.</summary>
internal enum SecondMoment
{
    /// <summary>v + Δ².</summary>
    Adagrad,

    /// <summary>v − (1 − β₂) Δ² sign(v − Δ²).</summary>
    Yogi,

    /// <summary>β₂ v + (1 − β₂) Δ².</summary>
    Adam,
}

/// <summary>
/// The step of an adaptive server (algorithm 2 of arXiv 2003.00295), element by element: m ← β₁ m + (1 − β₁) Δ, v by its own rule, step
/// η m / (√v + τ). As in the paper m starts at 0 and v at τ², and neither is corrected for its start.
/// </summary>
/// <param name="Rule">The rule of v.</param>
/// <param name="Constants">η, β₁, β₂, τ.</param>
internal sealed record AdaptiveRule(SecondMoment Rule, ServerOptimizer Constants)
{
    /// <summary>Moves both moments on and turns Δ into the step, all in place. The spans are equally long.</summary>
    internal void Apply(Span<double> delta, Span<double> first, Span<double> second)
    {
        int i = 0;
        for (; i <= delta.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var (step, m, v) = Apply(new Vector<double>(delta[i..]), new Vector<double>(first[i..]), new Vector<double>(second[i..]));
            step.CopyTo(delta[i..]);
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
        }

        for (; i < delta.Length; i++)
        {
            var (step, m, v) = Apply(new Vector<double>(delta[i]), new Vector<double>(first[i]), new Vector<double>(second[i]));
            (delta[i], first[i], second[i]) = (step[0], m[0], v[0]);
        }
    }

    private (Vector<double> Step, Vector<double> First, Vector<double> Second) Apply(Vector<double> delta, Vector<double> m, Vector<double> v)
    {
        var square = delta * delta;
        m = Constants.Beta1 * m + (1 - Constants.Beta1) * delta;
        var faded = (1 - Constants.Beta2) * square;
        v = Rule switch
        {
            SecondMoment.Adagrad => v + square,
            SecondMoment.Yogi => v - Vector.ConditionalSelect(Vector.GreaterThan(v, square), faded,
                Vector.ConditionalSelect(Vector.LessThan(v, square), -faded, Vector<double>.Zero)),
            _ => Constants.Beta2 * v + faded,
        };
        return (Constants.LearningRate * m / (Vector.SquareRoot(v) + new Vector<double>(Constants.Tau)), m, v);
    }
}

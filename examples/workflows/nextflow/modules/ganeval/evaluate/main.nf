process GANEVAL_EVALUATE {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "ganeval"

    input:
    tuple val(meta), path(real), path(models)
    val feature_net

    output:
    tuple val(meta), path("${prefix}.jsonl")     , emit: scores
    tuple val(meta), path("${prefix}.influences"), emit: influences, optional: true
    tuple val(meta), path("${prefix}.html")      , emit: report
    path "versions.yml"                          , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = task.ext.args2 ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    ganeval evaluate \\
        $real \\
        $models \\
        --feature-net $feature_net \\
        --num-workers $task.cpus \\
        $args \\
        -o ${prefix}.jsonl

    ganeval report \\
        ${prefix}.jsonl \\
        $args2 \\
        -o ${prefix}.html

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        ganeval: \$(ganeval --version | sed 's/ganeval //')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.jsonl ${prefix}.html
    mkdir ${prefix}.influences

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        ganeval: \$(ganeval --version | sed 's/ganeval //')
    END_VERSIONS
    """
}

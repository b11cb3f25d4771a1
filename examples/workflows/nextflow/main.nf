// Scores models against real images:
//     nextflow run main.nf -profile docker --real real/ --models 'good,faulty' --feature_net lin41

include { GANEVAL_EVALUATE } from './modules/ganeval/evaluate/main'

params.real = null
params.models = null
params.feature_net = null

workflow {
    models = params.models.tokenize(',').collect { path -> file(path, checkIfExists: true) }
    comparison = Channel.of([[id: 'scores'], file(params.real, checkIfExists: true), models])
    GANEVAL_EVALUATE(comparison, params.feature_net)
}

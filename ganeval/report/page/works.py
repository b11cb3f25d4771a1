"""What each metric is, in a sentence for a paper, and the works that it comes from."""

from typing import NamedTuple

_PLACES = {"inproceedings": "booktitle", "article": "journal", "misc": "howpublished"}
"""Field of BibTeX that has the place, by kind of entry."""


class Work(NamedTuple):
    """One work, in BibTeX's letters; `kind` is that of its entry."""

    key: str
    authors: str
    title: str
    where: str
    year: int
    kind: str = "inproceedings"

    def bibtex(self) -> str:
        """The entry."""
        return (
            f"@{self.kind}{{{self.key},\n  author = {{{self.authors}}},\n"
            f"  title = {{{self.title}}},\n  {_PLACES[self.kind]} = {{{self.where}}},\n"
            f"  year = {{{self.year}}},\n}}"
        )


class Method(NamedTuple):
    """What is said of a metric after its name, and the works behind it."""

    said: str
    works: tuple[Work, ...]


_NEURIPS = "Advances in Neural Information Processing Systems"
_ICLR = "International Conference on Learning Representations"
_ICML = "International Conference on Machine Learning"
_JMLR = "Journal of Machine Learning Research"

_ALAA = Work(
    "alaa2022",
    "Alaa, Ahmed and van Breugel, Boris and Saveliev, Evgeny and van der Schaar, Mihaela",
    "How faithful is your synthetic data? Sample-level metrics for evaluating and auditing "
    "generative models",
    _ICML,
    2022,
)
_BATES = Work(
    "bates2023",
    r"Bates, Stephen and Cand{\`e}s, Emmanuel and Lei, Lihua and Romano, Yaniv and Sesia, Matteo",
    "Testing for outliers with conformal p-values",
    "The Annals of Statistics",
    2023,
    "article",
)
_BERTHET = Work(
    "berthet2026",
    r"Berthet, Quentin and Wu, Yu-Han and Crepy, Cl{\'e}ment and Elie, Romuald and Greff, Klaus "
    r"and Sander, Micha{\"e}l E.",
    "{MIND}: Monge Inception distance for generative models evaluation",
    "arXiv:2605.06797",
    2026,
    "misc",
)
_BIGGS = Work(
    "biggs2023",
    "Biggs, Felix and Schrab, Antonin and Gretton, Arthur",
    "{MMD-FUSE}: Learning and combining kernels for two-sample testing without data splitting",
    _NEURIPS,
    2023,
)
_BINKOWSKI = Work(
    "binkowski2018",
    r"Bi{\'n}kowski, Miko{\l}aj and Sutherland, Danica J. and Arbel, Michael and Gretton, Arthur",
    "Demystifying {MMD} {GANs}",
    _ICLR,
    2018,
)
_BONNEEL = Work(
    "bonneel2015",
    r"Bonneel, Nicolas and Rabin, Julien and Peyr{\'e}, Gabriel and Pfister, Hanspeter",
    "Sliced and {Radon} {Wasserstein} barycenters of measures",
    "Journal of Mathematical Imaging and Vision",
    2015,
    "article",
)
_CARLINI = Work(
    "carlini2023",
    "Carlini, Nicholas and Hayes, Jamie and Nasr, Milad and Jagielski, Matthew and Sehwag, Vikash "
    r"and Tram{\`e}r, Florian and Balle, Borja and Ippolito, Daphne and Wallace, Eric",
    "Extracting training data from diffusion models",
    "USENIX Security Symposium",
    2023,
)
_FRIEDMAN = Work(
    "friedman2023",
    "Friedman, Dan and Dieng, Adji Bousso",
    "The {Vendi} score: A diversity evaluation metric for machine learning",
    "Transactions on Machine Learning Research",
    2023,
    "article",
)
_GOODFELLOW = Work(
    "goodfellow2014",
    "Goodfellow, Ian and Pouget-Abadie, Jean and Mirza, Mehdi and Xu, Bing and Warde-Farley, David "
    "and Ozair, Sherjil and Courville, Aaron and Bengio, Yoshua",
    "Generative adversarial nets",
    _NEURIPS,
    2014,
)
_GRETTON = Work(
    "gretton2012",
    "Gretton, Arthur and Borgwardt, Karsten M. and Rasch, Malte J. and "
    r"Sch{\"o}lkopf, Bernhard and Smola, Alexander",
    "A kernel two-sample test",
    _JMLR,
    2012,
    "article",
)
_HEUSEL = Work(
    "heusel2017",
    "Heusel, Martin and Ramsauer, Hubert and Unterthiner, Thomas and Nessler, Bernhard and "
    "Hochreiter, Sepp",
    "{GANs} trained by a two time-scale update rule converge to a local {Nash} equilibrium",
    _NEURIPS,
    2017,
)
_JALALI = Work(
    "jalali2023",
    "Jalali, Mohammad and Li, Cheuk Ting and Farnia, Farzan",
    "An information-theoretic evaluation of generative models in learning multi-modal "
    "distributions",
    _NEURIPS,
    2023,
)
_JIRALERSPONG = Work(
    "jiralerspong2023",
    "Jiralerspong, Marco and Bose, Joey and Gemp, Ian and Qin, Chongli and Bachrach, Yoram and "
    "Gidel, Gauthier",
    "Feature likelihood divergence: Evaluating the generalization of generative models using "
    "samples",
    _NEURIPS,
    2023,
)
_KALININ = Work(
    "kalinin2025",
    "Kalinin, Alexandr A. and Arevalo, John and Serrano, Erik and Vulliard, Loan and Tsang, "
    r"Hillary and Bornholdt, Michael and Mu{\~n}oz, Al{\'a}n F. and Sivagurunathan, Suganya and "
    "Rajwa, Bartek and Carpenter, Anne E. and Way, Gregory P. and Singh, Shantanu",
    "A versatile information retrieval framework for evaluating profile strength and similarity",
    "Nature Communications",
    2025,
    "article",
)
_KYNKAANNIEMI = Work(
    "kynkaanniemi2019",
    r"Kynk{\"a}{\"a}nniemi, Tuomas and Karras, Tero and Laine, Samuli and Lehtinen, Jaakko and "
    "Aila, Timo",
    "Improved precision and recall metric for assessing generative models",
    _NEURIPS,
    2019,
)
_LOPEZ_PAZ = Work(
    "lopezpaz2017",
    "Lopez-Paz, David and Oquab, Maxime",
    "Revisiting classifier two-sample tests",
    _ICLR,
    2017,
)
_MEEHAN = Work(
    "meehan2020",
    "Meehan, Casey and Chaudhuri, Kamalika and Dasgupta, Sanjoy",
    "A non-parametric test to detect data-copying in generative models",
    "International Conference on Artificial Intelligence and Statistics",
    2020,
)
_MIYATO = Work(
    "miyato2018",
    "Miyato, Takeru and Koyama, Masanori",
    "{cGANs} with projection discriminator",
    _ICLR,
    2018,
)
_NAEEM = Work(
    "naeem2020",
    "Naeem, Muhammad Ferjad and Oh, Seong Joon and Uh, Youngjung and Choi, Yunjey and Yoo, Jaejun",
    "Reliable fidelity and diversity metrics for generative models",
    _ICML,
    2020,
)
_NASH = Work(
    "nash2021",
    "Nash, Charlie and Menick, Jacob and Dieleman, Sander and Battaglia, Peter",
    "Generating images with sparse representations",
    _ICML,
    2021,
)
_RABIN = Work(
    "rabin2012",
    r"Rabin, Julien and Peyr{\'e}, Gabriel and Delon, Julie and Bernot, Marc",
    "{Wasserstein} barycenter and its application to texture mixing",
    "Scale Space and Variational Methods in Computer Vision",
    2012,
)
_RAVURI = Work(
    "ravuri2019",
    "Ravuri, Suman and Vinyals, Oriol",
    "Classification accuracy score for conditional generative models",
    _NEURIPS,
    2019,
)
_SALIMANS = Work(
    "salimans2016",
    "Salimans, Tim and Goodfellow, Ian and Zaremba, Wojciech and Cheung, Vicki and Radford, Alec "
    "and Chen, Xi",
    "Improved techniques for training {GANs}",
    _NEURIPS,
    2016,
)
_SALVY = Work(
    "salvy2025",
    "Salvy, Nicolas and Talbot, Hugues and Thirion, Bertrand",
    "Enhanced generative model evaluation with clipped density and coverage",
    "arXiv:2507.01761",
    2025,
    "misc",
)
_SCHRAB = Work(
    "schrab2023",
    r"Schrab, Antonin and Kim, Ilmun and Albert, M{\'e}lisande and Laurent, B{\'e}atrice and "
    "Guedj, Benjamin and Gretton, Arthur",
    "{MMD} aggregated two-sample test",
    _JMLR,
    2023,
    "article",
)
_SHMELKOV = Work(
    "shmelkov2018",
    "Shmelkov, Konstantin and Schmid, Cordelia and Alahari, Karteek",
    "How good is my {GAN}?",
    "European Conference on Computer Vision",
    2018,
)

METHODS = {
    "authpct": Method(
        "is the share of generated images that are farther from their nearest training image than "
        "that one is from its own nearest neighbour",
        (_ALAA,),
    ),
    "c2st": Method(
        "is the area under the ROC curve of classifiers that were trained to tell generated from "
        "real images, on held-out images",
        (_LOPEZ_PAZ,),
    ),
    "clipped_coverage": Method(
        "counts the generated images in a nearest-neighbour ball around each real one, up to a "
        "limit, and is calibrated to be the share of good ones that would give it",
        (_SALVY,),
    ),
    "clipped_density": Method(
        "counts the nearest-neighbour balls of the reals that a generated image is in, with balls "
        "and counts limited, over that of the reals among each other",
        (_SALVY,),
    ),
    "coverage": Method(
        "is the share of real images with a generated one among their nearest neighbours",
        (_NAEEM,),
    ),
    "ct": Method(
        "compares the distances of generated and of held-out real images to their nearest training "
        "images by Mann-Whitney tests within cells of feature space",
        (_MEEHAN,),
    ),
    "density": Method(
        "counts the nearest-neighbour balls of the reals that a generated image is in, over the "
        "number of neighbours",
        (_NAEEM,),
    ),
    "fid": Method(
        "is the Fréchet distance of two Gaussians with the means and covariances of the features",
        (_HEUSEL,),
    ),
    "fld": Method(
        "is the negative log-likelihood of held-out real images under Gaussians around the "
        "generated images, less that under Gaussians around training images",
        (_JIRALERSPONG,),
    ),
    "inception_score": Method(
        "is the exponential of the mutual information of image and predicted class", (_SALIMANS,)
    ),
    "intra_fid": Method(
        "is the mean over classes of the Fréchet distance within each class", (_MIYATO,)
    ),
    "intra_kid": Method(
        "is the mean over classes of the kernel distance within each class", (_MIYATO, _BINKOWSKI)
    ),
    "kde_log_likelihood": Method(
        "is the mean log-likelihood of the real images under a Gaussian kernel density of the "
        "generated ones",
        (_GOODFELLOW,),
    ),
    "kid": Method(
        "is the squared maximum mean discrepancy of the features for one kernel", (_BINKOWSKI,)
    ),
    "memorization": Method(
        "is the share of generated images that are closer to a training image than new images are, "
        "by p-values from held-out real images",
        (_CARLINI, _BATES),
    ),
    "mind": Method(
        "is the mean squared transport distance of projections on lines, times three times the "
        "number of features",
        (_BERTHET,),
    ),
    "mmd": Method(
        "is the p-value of a permutation test of equal distributions by the maximum mean "
        "discrepancy, aggregated over kernels",
        (_GRETTON, _SCHRAB, _BIGGS),
    ),
    "obedience": Method(
        "is the share of generated images that cross-fitted classifiers of the real images take "
        "for the class that was asked for",
        (_SHMELKOV,),
    ),
    "precision": Method(
        "is the share of generated images within the nearest-neighbour balls of the reals",
        (_KYNKAANNIEMI,),
    ),
    "recall": Method(
        "is the share of real images within the nearest-neighbour balls of the generated ones",
        (_KYNKAANNIEMI,),
    ),
    "retrieval": Method(
        "is the mean average precision with which generated images retrieve the real images of "
        "their class by cosine similarity",
        (_KALININ,),
    ),
    "rke": Method(
        "is the exponential of the Rényi entropy of order 2 of the generated images' kernel matrix",
        (_JALALI,),
    ),
    "sfid": Method("is the Fréchet distance of spatial features", (_NASH,)),
    "sliced_wasserstein_distance": Method(
        "is the transport distance of projections on lines, averaged over directions",
        (_RABIN, _BONNEEL),
    ),
    "utility": Method(
        "is the share of real images that a classifier trained on the generated ones takes for "
        "their class",
        (_RAVURI, _SHMELKOV),
    ),
    "vendi": Method(
        "is the exponential of the entropy of the eigenvalues of the generated images' similarity "
        "matrix",
        (_FRIEDMAN,),
    ),
}
"""By metric."""
